package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/swaggest/swgui/v5/static"
)

// serveAsset sends a file of the page.
func serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	data, err := fs.ReadFile(assets, "assets/"+name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	serveFile(w, r, name, data)
}

// serveSwagger sends a file of Swagger UI, which is kept compressed.
func serveSwagger(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if name != "swagger-ui.css" && name != "swagger-ui-bundle.js" {
		http.NotFound(w, r)
		return
	}
	data, err := fs.ReadFile(static.FS, name+".gz")
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
	} else if data, err = inflate(data); err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	serveFile(w, r, name, data)
}

func inflate(data []byte) ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zip)
}

// serveFile sends a file, or that it has not changed.
func serveFile(w http.ResponseWriter, r *http.Request, name string, data []byte) {
	sum := sha256.Sum256(data)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", mediaType(name))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

// mediaType returns the type of a file by its name; machines differ in what
// they know of it.
func mediaType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".yaml":
		return "application/yaml; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}
