package session_test

import (
	"net"
	"net/http"
	"syscall"
)

func dialError() (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}
