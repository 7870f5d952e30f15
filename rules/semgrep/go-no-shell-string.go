package shop

import (
	"fmt"
	"os/exec"
)

func unpack(name string) {
	// ruleid: go-no-shell-string
	exec.Command("sh", "-c", fmt.Sprintf("tar xf %s", name)).Run()
	// ruleid: go-no-shell-string
	exec.Command("/bin/bash", "-c", "tar xf "+name).Run()
	// ok: go-no-shell-string
	exec.Command("tar", "xf", name).Run()
	// ok: go-no-shell-string
	exec.Command("sh", "-c", "make release").Run()
}
