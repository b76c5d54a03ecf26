// Package specs holds the OpenAPI descriptions of the four vendors, as files.
package specs

import "embed"

// FS holds anomify.yaml, alertsite.yaml, misaka.yaml and babel.yaml.
//
//go:embed *.yaml
var FS embed.FS
