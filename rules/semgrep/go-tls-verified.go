package shop

import (
	"crypto/tls"
	"crypto/x509"
)

func configs(pool *x509.CertPool) []*tls.Config {
	// ruleid: go-tls-verified
	loose := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	// ok: go-tls-verified
	strict := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	return []*tls.Config{loose, strict}
}
