package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// monitors are what an AlertSite account monitors: at first those of the example
// in the description.
type monitors struct {
	list      []map[string]any  // in the order in which they were added
	locations map[string]string // names by id
	standard  []any             // locations of a monitor that names none
	nextID    int
}

// store returns the monitors, made from the description when first needed.
func (a *alertSite) store() *monitors {
	if a.monitors != nil {
		return a.monitors
	}
	m := &monitors{locations: make(map[string]string)}
	a.monitors = m
	sp, err := loadSpec(a.server.specs, AlertSite)
	if err != nil {
		return m // not reached: the call came by the description
	}
	for _, location := range exampleResults(sp, "GET /locations") {
		m.locations[text(location, "id")] = text(location, "name")
		if m.standard == nil {
			m.standard = []any{map[string]any{"id": text(location, "id")}}
		}
	}
	for _, monitor := range exampleResults(sp, "GET /devices") {
		for _, location := range locationsOf(monitor) {
			m.locations[text(location, "id")] = text(location, "name")
		}
		m.list = append(m.list, monitor)
		id, _ := strconv.Atoi(text(monitor, "id"))
		m.nextID = max(m.nextID, id)
	}
	m.nextID++
	return m
}

// exampleResults returns the results in the example of an operation.
func exampleResults(sp *spec, key string) []map[string]any {
	op := sp.operation(key)
	if op == nil {
		return nil
	}
	found, _ := member(op.example(), "results")
	list, _ := found.([]any)
	var results []map[string]any
	for _, entry := range list {
		if object, ok := entry.(map[string]any); ok {
			results = append(results, object)
		}
	}
	return results
}

func locationsOf(monitor map[string]any) []any {
	list, _ := monitor["locations"].([]any)
	return list
}

// find returns the monitor with that id, nil if there is none.
func (m *monitors) find(id string) map[string]any {
	if i := m.index(id); i >= 0 {
		return m.list[i]
	}
	return nil
}

func (m *monitors) index(id string) int {
	return slices.IndexFunc(m.list, func(monitor map[string]any) bool { return text(monitor, "id") == id })
}

// apply puts the given settings into a monitor. Numbers become strings, as they
// are in all answers. Locations replace those it had, and get their names.
func (m *monitors) apply(monitor, settings map[string]any) {
	for name, value := range settings {
		if name != "id" {
			monitor[name] = stringify(clone(value))
		}
	}
	for _, location := range locationsOf(monitor) {
		if name := m.locations[text(location, "id")]; name != "" {
			set(location, "name", name)
		}
	}
}

// listMonitors answers with the monitors that have one of the ids and one of the
// types asked for. The sandbox's own: both filters hold together, and ids that
// do not exist are passed over.
func (a *alertSite) listMonitors(c *call) *answer {
	ids, types := listed(c.query.Get("id")), listed(c.query.Get("site_type"))
	results := []any{}
	for _, monitor := range a.store().list {
		if ids != nil && !slices.Contains(ids, text(monitor, "id")) {
			continue
		}
		if types != nil && !slices.Contains(types, text(monitor, "site_type")) {
			continue
		}
		shown := maps.Clone(monitor)
		if c.query.Get("show_scripts") != "1" {
			delete(shown, "script")
		}
		results = append(results, shown)
	}
	body := c.op.example()
	set(body, "results", results)
	return a.reply(c, c.op.success, body)
}

// listed takes a list with commas apart, nil if it is empty.
func listed(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// addMonitor adds a monitor. The answer does not tell its id, since how AlertSite
// tells it is not published.
func (a *alertSite) addMonitor(c *call) *answer {
	m := a.store()
	monitor := map[string]any{"id": strconv.Itoa(m.nextID), "locations": clone(m.standard)}
	m.nextID++
	m.apply(monitor, c.fields)
	m.list = append(m.list, monitor)
	return a.done(c)
}

func (a *alertSite) editMonitor(c *call) *answer {
	m := a.store()
	monitor := m.find(c.params["id"])
	if monitor == nil {
		return a.invalidDevice(c)
	}
	m.apply(monitor, c.fields)
	return a.done(c)
}

func (a *alertSite) deleteMonitor(c *call) *answer {
	m := a.store()
	i := m.index(c.params["id"])
	if i < 0 {
		return a.invalidDevice(c)
	}
	m.list = slices.Delete(m.list, i, i+1)
	return a.done(c)
}
