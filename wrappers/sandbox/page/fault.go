package page

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// A fault is one that was set on the page.
type fault struct {
	Kind      string `json:"kind"`             // status, delay, drop, html or refuse
	Operation string `json:"operation"`        // "" for all
	Times     int    `json:"times"`            // how many calls are left; 0 for all
	Status    int    `json:"status,omitempty"` // of the kind status
	Millis    int    `json:"millis,omitempty"` // of the kind delay
}

// check says what is wrong with a fault; operations are those of the vendor.
func (f *fault) check(operations []string) error {
	switch {
	case f.Operation != "" && !slices.Contains(operations, f.Operation):
		return fmt.Errorf("there is no operation %q", f.Operation)
	case f.Times < 0 || f.Times > 1000:
		return errors.New("times must be from 0 to 1000")
	case f.Kind == "status" && (f.Status < 200 || f.Status > 599):
		return errors.New("status must be from 200 to 599")
	case f.Kind == "delay" && (f.Millis < 1 || f.Millis > 60_000):
		return errors.New("millis must be from 1 to 60000")
	}
	return nil
}

// fault returns it as the sandbox takes it.
func (f *fault) fault() (sandbox.Fault, error) {
	s := sandbox.Fault{Operation: f.Operation, Times: f.Times}
	switch f.Kind {
	case "status":
		s.Status = f.Status
	case "delay":
		s.Delay = time.Duration(f.Millis) * time.Millisecond
	case "drop":
		s.DropBeforeEffect = true
	case "html":
		s.HTML = true
	case "refuse":
		s.Refuse = true
	default:
		return s, errors.New("kind must be status, delay, drop, html or refuse")
	}
	return s, nil
}

// useFault notes that a fault was applied to a call. The mutex of the hub must
// be held.
func (w *watch) useFault(operation string) {
	i := slices.IndexFunc(w.faults, func(f *fault) bool { return f.Operation == "" || f.Operation == operation })
	if i < 0 || w.faults[i].Times == 0 {
		return
	}
	if w.faults[i].Times--; w.faults[i].Times == 0 {
		w.faults = slices.Delete(w.faults, i, i+1)
	}
}

func (p *page) addFault(w http.ResponseWriter, r *http.Request) {
	watch := p.watch(w, r)
	var f fault
	if watch == nil || !receive(w, r, &f) {
		return
	}
	set, err := f.fault()
	if err == nil {
		err = f.check(p.catalogue.operations(watch.standin.Name()))
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	p.hub.change(func() {
		if len(watch.faults) < 100 {
			watch.faults = append(watch.faults, &f)
			watch.standin.Fault(set)
		}
	})
	w.WriteHeader(http.StatusNoContent)
}

func (p *page) clearFaults(w http.ResponseWriter, r *http.Request) {
	if watch := p.watch(w, r); watch != nil {
		p.hub.change(func() {
			watch.faults = nil
			watch.standin.ClearFaults()
		})
		w.WriteHeader(http.StatusNoContent)
	}
}
