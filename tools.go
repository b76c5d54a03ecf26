//go:build tools

// Package latchkey pins the version of the generator.
package latchkey

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
