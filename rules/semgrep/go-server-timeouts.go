package shop

import (
	"net/http"
	"time"
)

func serve(handler http.Handler) error {
	// ruleid: go-server-timeouts
	go http.ListenAndServe(":8081", handler)
	// ruleid: go-server-timeouts
	loose := &http.Server{Addr: ":8082", Handler: handler}
	go loose.ListenAndServe()
	// ok: go-server-timeouts
	server := &http.Server{Addr: ":8080", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
