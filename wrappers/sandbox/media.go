package sandbox

import (
	"encoding/base64"
	"strings"
)

// onePixel is a PNG image of one transparent pixel, in base64.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

// filler returns a small body that fits a media type which is not JSON and has
// no example, and the type that it really is.
func filler(mediaType string) (contentType string, body []byte) {
	switch {
	case mediaType == "image/svg+xml":
		return mediaType, []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`)
	case strings.HasPrefix(mediaType, "image/"):
		body, _ = base64.StdEncoding.DecodeString(onePixel) // a constant
		if mediaType == "image/*" {
			mediaType = "image/png"
		}
		return mediaType, body
	case mediaType == "text/event-stream":
		return mediaType, []byte("data: {}\n\n")
	case mediaType == "text/html":
		return mediaType + "; charset=utf-8", []byte("<!doctype html>\n<title>Sandbox</title>\n")
	case strings.HasSuffix(mediaType, "javascript"):
		return mediaType, []byte("// sandbox\n")
	case strings.HasSuffix(mediaType, "yaml"):
		return mediaType, []byte("sandbox: true\n")
	case strings.HasSuffix(mediaType, "xml"):
		return mediaType, []byte("<sandbox/>\n")
	case mediaType == "text/*":
		return "text/plain; charset=utf-8", []byte("sandbox\n")
	case strings.HasPrefix(mediaType, "text/"):
		return mediaType, []byte("sandbox\n")
	case strings.HasSuffix(mediaType, "/*"):
		return "application/octet-stream", []byte("sandbox\n")
	default:
		return mediaType, []byte("sandbox\n")
	}
}
