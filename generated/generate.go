// Package generated holds the typed clients of the four vendors, one package
// each. They are made from the descriptions in specs by the generator in gen:
//
//	go generate ./...
//
// Programs usually import the wrappers instead, which sign in by themselves
// and have every operation of these clients.
package generated

//go:generate go run ../gen generate
