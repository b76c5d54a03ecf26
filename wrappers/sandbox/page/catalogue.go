package page

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// A catalogue holds what the descriptions say, which are read when they are
// first asked for.
type catalogue struct {
	order   []sandbox.Vendor
	vendors map[sandbox.Vendor]*vendor
}

// A vendor is what the page shows of a description.
type vendor struct {
	once sync.Once
	err  error
	spec []byte // the description as the reference gets it

	Name       string         `json:"name"`
	Title      string         `json:"title"`
	Server     string         `json:"server"` // of the vendor itself
	Certainty  map[string]int `json:"certainty"`
	Sources    []source       `json:"sources"`
	Operations []operation    `json:"operations"`
}

type source struct {
	ID      string `json:"id" yaml:"id"`
	Title   string `json:"title" yaml:"title"`
	Address string `json:"address,omitempty" yaml:"address"`
	Edition string `json:"edition,omitempty" yaml:"edition"`
}

type operation struct {
	ID        string   `json:"id" yaml:"operationId"`
	Method    string   `json:"method" yaml:"-"`
	Path      string   `json:"path" yaml:"-"`
	Tags      []string `json:"tags" yaml:"tags"`
	Summary   string   `json:"summary" yaml:"summary"`
	Certainty string   `json:"certainty" yaml:"x-certainty"`
	Reason    string   `json:"reason,omitempty" yaml:"x-reason"`
	Detail    string   `json:"detail,omitempty" yaml:"x-detail"`
	Sources   []string `json:"sources" yaml:"x-source"`
}

func newCatalogue(server *sandbox.Server) *catalogue {
	c := &catalogue{vendors: make(map[sandbox.Vendor]*vendor)}
	for _, v := range sandbox.Vendors() {
		if server.Vendor(v) != nil {
			c.order = append(c.order, v)
			c.vendors[v] = &vendor{Name: string(v)}
		}
	}
	return c
}

// vendor returns what is shown of a vendor; an error if there is none.
func (c *catalogue) vendor(v sandbox.Vendor) (*vendor, error) {
	shown := c.vendors[v]
	if shown == nil {
		return nil, fmt.Errorf("there is no vendor %q", v)
	}
	shown.once.Do(func() {
		var text []byte
		if text, shown.err = specs.FS.ReadFile(string(v) + ".yaml"); shown.err == nil {
			shown.err = shown.read(text)
		}
	})
	return shown, shown.err
}

// operations returns the ids of a vendor's operations.
func (c *catalogue) operations(v sandbox.Vendor) []string {
	shown, err := c.vendor(v)
	if err != nil {
		return nil
	}
	ids := make([]string, 0, len(shown.Operations))
	for _, op := range shown.Operations {
		ids = append(ids, op.ID)
	}
	return ids
}

// read takes from a description what is shown.
func (v *vendor) read(text []byte) error {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return err
	}
	var file struct {
		Info struct {
			Title string `yaml:"title"`
		} `yaml:"info"`
		Servers []struct {
			URL string `yaml:"url"`
		} `yaml:"servers"`
		Certainty string               `yaml:"x-certainty"`
		Sources   []source             `yaml:"x-sources"`
		Paths     map[string]yaml.Node `yaml:"paths"`
	}
	if err := root.Decode(&file); err != nil {
		return err
	}
	v.Title, v.Sources = file.Info.Title, file.Sources
	if len(file.Servers) > 0 {
		v.Server = file.Servers[0].URL
	}
	v.Certainty = map[string]int{"documented": 0, "observed": 0, "inferred": 0}
	for path, item := range entries(entry(&root, "paths")) {
		for method, node := range entries(item) {
			if err := v.add(path, method, node, file.Certainty); err != nil {
				return err
			}
		}
	}
	var err error
	v.spec, err = forStandin(&root, v.Name)
	return err
}

// add takes an operation from a description.
func (v *vendor) add(path, method string, node *yaml.Node, level string) error {
	switch method {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
	default:
		return nil
	}
	op := operation{Certainty: level, Tags: []string{}, Sources: []string{}}
	if err := node.Decode(&op); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	op.Method, op.Path = strings.ToUpper(method), path
	v.Certainty[op.Certainty]++
	v.Operations = append(v.Operations, op)
	return nil
}

// An account is what the stand-in of a vendor lets in. It is made up.
type account struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty"` // of the second factor, if the vendor has one
}

// listVendors sends what is shown of all vendors.
func (p *page) listVendors(w http.ResponseWriter, _ *http.Request) {
	type listed struct {
		*vendor
		Account account `json:"account"`
	}
	list := []listed{}
	for _, name := range p.catalogue.order {
		v, err := p.catalogue.vendor(name)
		if err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return
		}
		a := p.server.Vendor(name).Account()
		if name != sandbox.Anomify && name != sandbox.Misaka {
			a.Code = ""
		}
		list = append(list, listed{v, account{a.Login, a.Password, a.Code}})
	}
	send(w, list)
}

// serveSpec sends a description for the reference.
func (p *page) serveSpec(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(r.PathValue("name"), ".yaml")
	v, err := p.catalogue.vendor(sandbox.Vendor(name))
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	serveFile(w, r, "spec.yaml", v.spec)
}
