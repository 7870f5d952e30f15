package shop

import "os"

// ruleid: go-no-literal-secret
const dbPassword = "k4tze-auf-dem-dach"

// ok: go-no-literal-secret
const passwordFile = "db-password-1"

func options() Options {
	// ok: go-no-literal-secret
	password := os.Getenv("DB_PASSWORD")
	_ = password
	// ruleid: go-no-literal-secret
	return Options{Host: "db1", Password: "k4tze-auf-dem-dach"}
}
