import os
import shlex
import subprocess

# ruleid: python-no-shell-string
subprocess.run(f"kubectl apply -f {path}", shell=True, check=True)
# ruleid: python-no-shell-string
os.system("tar xf " + name)
# ruleid: python-no-shell-string
subprocess.check_output("git log %s" % branch, shell=True)
# ok: python-no-shell-string
subprocess.run(["kubectl", "apply", "-f", path], check=True)
# ok: python-no-shell-string
subprocess.run("make release", shell=True, check=True)
# ok: python-no-shell-string
subprocess.run(f"tar xf {shlex.quote(name)}", shell=True, check=True)
