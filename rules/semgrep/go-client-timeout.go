package shop

import (
	"net/http"
	"time"
)

func fetch(url string) {
	// ruleid: go-client-timeout
	http.Get(url)
	client := &http.Client{Timeout: 5 * time.Second}
	// ok: go-client-timeout
	client.Get(url)
}
