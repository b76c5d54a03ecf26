package main

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/latchkey-go/latchkey/specs/sensitive"
)

// An operationModel is one method of the client, for client.tmpl.
type operationModel struct {
	Name, Doc   string
	Var         string // name of the rest.Operation
	Operation   string // fields of the rest.Operation
	Args        string // after ctx, each followed by ", "
	Result      string // the type of the answer: a name, or "" if there is none
	Stream      bool
	Statements  []string // that fill the request
	ParamsType  string
	ParamsDoc   string
	Params      []fieldModel
	ParamsWrite []string // statements that write the query
	Pages       *pagesModel
}

// methods returns the names of the methods of the client.
func (m operationModel) methods() []string {
	if m.Pages != nil {
		return []string{m.Name, m.Name + "All"}
	}
	return []string{m.Name}
}

// operations returns the models of the operations, by name.
func (e *emitter) operations(definitions []codegen.OperationDefinition) []operationModel {
	var models []operationModel
	for _, definition := range definitions {
		models = append(models, e.operation(definition))
	}
	slices.SortFunc(models, func(a, b operationModel) int { return strings.Compare(a.Name, b.Name) })
	names := map[string]bool{}
	for _, m := range models {
		for _, name := range m.methods() {
			if names[name] {
				e.fail("two operations have the same Go name %s; give one of them another operationId", name)
			}
			names[name] = true
		}
	}
	return models
}

func (e *emitter) operation(op codegen.OperationDefinition) operationModel {
	m := operationModel{Name: op.OperationId, Var: "op" + op.OperationId}
	if op.SpecOperationId == "" {
		e.fail("%s %s has no operationId", op.Method, op.Path)
	}
	answer := e.answer(op)
	m.Result, m.Stream = answer.goType, answer.stream
	m.Doc = e.operationDoc(op, answer)
	m.Operation = e.operationFields(op, answer)
	e.path(&m, op)
	e.parameters(&m, op)
	e.body(&m, op)
	e.pages(&m, op)
	return m
}

// path adds the path: its fixed parts and its parameters, which become
// arguments.
func (e *emitter) path(m *operationModel, op codegen.OperationDefinition) {
	rest := op.Path
	for _, parameter := range op.PathParams {
		before, after, found := strings.Cut(rest, "{"+parameter.ParamName+"}")
		if !found {
			e.fail("%s: path %s does not have the parameter {%s}", op.OperationId, op.Path, parameter.ParamName)
			return
		}
		rest = after
		name := argumentName(parameter.GoVariableName())
		goType := parameter.TypeDef()
		m.Args += name + " " + goType + ", "
		if before != "" {
			m.Statements = append(m.Statements, fmt.Sprintf("r.Literal(%q)", before))
		}
		switch e.base(goType, parameter.Schema) {
		case "int64", "int32":
			m.Statements = append(m.Statements, fmt.Sprintf("r.PathInt(%q, int64(%s))", parameter.ParamName, name))
		case "string":
			m.Statements = append(m.Statements, fmt.Sprintf("r.PathString(%q, string(%s))", parameter.ParamName, name))
		case "rest.Secret":
			m.Statements = append(m.Statements, fmt.Sprintf("r.PathSecret(%q, %s)", parameter.ParamName, name))
		default:
			e.fail("%s: path parameter %s must be a string or an integer", op.OperationId, parameter.ParamName)
		}
	}
	if rest != "" {
		m.Statements = append(m.Statements, fmt.Sprintf("r.Literal(%q)", rest))
	}
}

// argumentName avoids the names that the method itself uses, and keywords.
func argumentName(name string) string {
	if slices.Contains([]string{"c", "r", "ctx", "opts", "body", "params", "rest"}, name) || token.IsKeyword(name) {
		return name + "_"
	}
	return name
}

// parameters adds the query and header parameters, as one struct.
func (e *emitter) parameters(m *operationModel, op codegen.OperationDefinition) {
	if len(op.CookieParams) > 0 {
		e.fail("%s: cookie parameters are not supported; describe a security scheme", op.OperationId)
	}
	parameters := slices.Concat(op.QueryParams, op.HeaderParams)
	if len(parameters) == 0 {
		return
	}
	m.ParamsType = op.OperationId + "Params"
	m.ParamsDoc = comment("", fmt.Sprintf("%s holds the parameters of [Client.%s]. What is nil is not sent.", m.ParamsType, op.OperationId))
	m.Args += "params *" + m.ParamsType + ", "
	required := false
	for _, parameter := range parameters {
		required = required || parameter.Required
		e.parameter(m, parameter)
	}
	if required {
		m.Statements = append(m.Statements, "if params == nil {\nr.Missing(\"params\")\n} else {\nparams.write(r)\n}")
		return
	}
	m.Statements = append(m.Statements, "if params != nil {\nparams.write(r)\n}")
}

func (e *emitter) parameter(m *operationModel, parameter codegen.ParameterDefinition) {
	goType := parameter.TypeDef()
	list := strings.HasPrefix(goType, "[]")
	f := fieldModel{Name: goName(parameter.GoName()), Type: goType}
	if !parameter.Required && !list {
		f.Type = "*" + goType
	}
	level := certaintyOf(parameter.Spec.Extensions, e.plan.facts.file)
	f.Doc = comment("\t", strings.TrimSpace(sentence(parameter.Spec.Description)+" "+level.String()))
	m.Params = append(m.Params, f)

	field := "p." + f.Name
	if parameter.In == "header" {
		e.headerParameter(m, parameter, field)
		return
	}
	sep, explode := ",", parameter.Explode()
	switch style := parameter.Style(); {
	case style == "spaceDelimited":
		sep = "%20"
	case style == "pipeDelimited":
		sep = "%7C"
	case style != "form":
		e.fail("parameter %s: style %s is not supported", parameter.ParamName, style)
	}
	write := e.value
	if !parameter.Required {
		write = e.optionalValue
	}
	m.ParamsWrite = append(m.ParamsWrite, write(parameter.Schema, "r.Query()", parameter.ParamName, field, sep, explode))
}

func (e *emitter) headerParameter(m *operationModel, parameter codegen.ParameterDefinition, field string) {
	write := ""
	switch e.base(parameter.TypeDef(), parameter.Schema) {
	case "string":
		write = "r.Header(%q, string(%s))"
	case "rest.Secret":
		write = "r.HeaderSecret(%q, %s)"
	default:
		e.fail("header parameter %s: only strings can be sent", parameter.ParamName)
		return
	}
	if parameter.Required {
		m.ParamsWrite = append(m.ParamsWrite, fmt.Sprintf(write, parameter.ParamName, field))
		return
	}
	m.ParamsWrite = append(m.ParamsWrite, fmt.Sprintf("if %s != nil {\n"+write+"\n}", field, parameter.ParamName, "*"+field))
}

// body adds the body of the request: the first media type that can be sent.
func (e *emitter) body(m *operationModel, op codegen.OperationDefinition) {
	media := requestMedia(op.Spec)
	if len(media) == 0 {
		return
	}
	names := sortedKeys(media)
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	mediaType := names[0]
	schema := media[mediaType].Schema
	if schema == nil || rank(mediaType) > 2 {
		e.fail("%s: bodies of %s cannot be sent", op.OperationId, mediaType)
		return
	}
	goType, err := codegen.RefPathToGoType(schema.Ref)
	if err != nil {
		e.fail("%s: body: %w", op.OperationId, err)
		return
	}
	m.Args += "body *" + goType + ", "
	send := fmt.Sprintf("r.JSON(%q, body)", mediaType)
	if mediaType == formType {
		send = "r.Form(body)"
	}
	if op.Spec.RequestBody.Value.Required {
		m.Statements = append(m.Statements, "if body == nil {\nr.Missing(\"body\")\n} else {\n"+send+"\n}")
		return
	}
	m.Statements = append(m.Statements, "if body != nil {\n"+send+"\n}")
}

// rank orders media types: plain JSON, other JSON, forms, the rest.
func rank(mediaType string) int {
	switch {
	case mediaType == "application/json":
		return 0
	case isJSON(mediaType):
		return 1
	case mediaType == formType:
		return 2
	}
	return 3
}

// An answer is what an operation returns for success.
type answer struct {
	goType string // "" if nothing is described or the body is a stream
	stream bool
	accept []string
}

func (e *emitter) answer(op codegen.OperationDefinition) answer {
	var a answer
	for _, status := range sortedKeys(op.Spec.Responses.Map()) {
		if status[0] != '2' {
			continue
		}
		content := op.Spec.Responses.Map()[status].Value.Content
		for _, mediaType := range sortedKeys(content) {
			a.accept = append(a.accept, mediaType)
			if a.goType != "" || !isJSON(mediaType) || content[mediaType].Schema == nil {
				continue
			}
			goType, err := codegen.RefPathToGoType(content[mediaType].Schema.Ref)
			if err != nil {
				e.fail("%s: answer: %w", op.OperationId, err)
			}
			a.goType = goType
		}
	}
	a.stream = a.goType == "" && len(a.accept) > 0
	if slices.Contains(a.accept, "application/octet-stream") { // any bytes
		a.accept = append(a.accept, "*/*")
	}
	slices.Sort(a.accept)
	a.accept = slices.Compact(a.accept)
	return a
}

// operationFields returns the fields of the rest.Operation.
func (e *emitter) operationFields(op codegen.OperationDefinition, a answer) string {
	var b strings.Builder
	field := func(format string, args ...any) { fmt.Fprintf(&b, format+",\n", args...) }
	field("Vendor: %q, ID: %q, Method: %q, Path: %q", e.plan.vendor, op.SpecOperationId, op.Method, op.Path)
	if len(a.accept) > 0 {
		field("Accept: %q", strings.Join(a.accept, ", "))
	}
	if needsSession(e.plan.doc, op.Spec) {
		field("Session: true")
	}
	if idempotent(op) {
		field("Idempotent: true")
	}
	if isSensitive(op) {
		field("Sensitive: true")
	}
	if e.hasFailure(op.Spec) {
		field("Failure: failure")
	}
	if newError := e.newError(op); newError != "" {
		field("NewError: %s", newError)
	}
	return b.String()
}

// needsSession reports whether every alternative of the security of op asks
// for something.
func needsSession(doc *openapi3.T, op *openapi3.Operation) bool {
	security := doc.Security
	if op.Security != nil {
		security = *op.Security
	}
	return len(security) > 0 && !slices.ContainsFunc(security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

func idempotent(op codegen.OperationDefinition) bool {
	if explicit, ok := op.Spec.Extensions["x-idempotent"].(bool); ok {
		return explicit
	}
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, op.Method)
}

// isSensitive reports whether the operation handles secrets.
func isSensitive(op codegen.OperationDefinition) bool {
	var parameters openapi3.Parameters
	for _, p := range slices.Concat(op.PathParams, op.QueryParams, op.HeaderParams) {
		parameters = append(parameters, &openapi3.ParameterRef{Value: p.Spec})
	}
	return sensitive.Operation(op.Spec, parameters)
}

func (e *emitter) hasFailure(op *openapi3.Operation) bool {
	return e.plan.doc.Extensions["x-failure"] != nil && op.Extensions["x-failure"] != "none"
}

// newError returns the function that makes a value for the body of an error,
// or "" if no error is described.
func (e *emitter) newError(op codegen.OperationDefinition) string {
	types := map[string]string{}
	for status, response := range op.Spec.Responses.Map() {
		if status[0] == '2' {
			continue
		}
		for mediaType, media := range response.Value.Content {
			if goType, err := codegen.RefPathToGoType(refOf(media.Schema)); err == nil && isJSON(mediaType) {
				types[status] = goType
			}
		}
	}
	if len(types) == 0 {
		return ""
	}
	fallback := "nil"
	if goType := types["default"]; goType != "" {
		fallback = "new(" + goType + ")"
		delete(types, "default")
	}
	var cases strings.Builder
	for _, status := range sortedKeys(types) {
		if number, err := strconv.Atoi(status); err == nil {
			fmt.Fprintf(&cases, "case %d:\nreturn new(%s)\n", number, types[status])
		} else {
			fmt.Fprintf(&cases, "case %s00, %s99:\nreturn new(%s)\n", status[:1], status[:1], types[status])
		}
	}
	if cases.Len() == 0 {
		return fmt.Sprintf("func(int) rest.Decodable { return %s }", fallback)
	}
	return fmt.Sprintf("func(status int) rest.Decodable {\nswitch status {\n%s}\nreturn %s\n}", cases.String(), fallback)
}

func refOf(schema *openapi3.SchemaRef) string {
	if schema == nil {
		return ""
	}
	return schema.Ref
}

// operationDoc returns the comment of a method.
func (e *emitter) operationDoc(op codegen.OperationDefinition, a answer) string {
	level := certaintyOf(op.Spec.Extensions, e.plan.facts.file)
	summary := sentence(op.Summary)
	if summary == "" {
		summary = "calls " + op.Method + " " + op.Path + "."
	}
	closing := "It returns a [*rest.Error] for an answer that is not a success."
	if a.stream {
		closing = "The body is live: the caller closes it. " + closing
	}
	see := ""
	if op.Spec.ExternalDocs != nil && op.Spec.ExternalDocs.URL != "" {
		see = "See " + op.Spec.ExternalDocs.URL + "."
	}
	place := fmt.Sprintf("It sends %s %s. %s %s %s", op.Method, op.Path, level, e.plan.facts.source(op.Spec.Extensions), see)
	return comment("", op.OperationId+" "+thirdPerson(summary), op.Spec.Description, place, closing)
}

// thirdPerson makes "List monitors." into "lists monitors.", and leaves a
// summary that has its verb in the third person as it is.
func thirdPerson(summary string) string {
	verb, rest, _ := strings.Cut(summary, " ")
	lower := strings.ToLower(verb)
	switch {
	case strings.HasSuffix(lower, "s") && !strings.HasSuffix(lower, "ss"):
	case strings.HasSuffix(lower, "ss"), strings.HasSuffix(lower, "sh"), strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "x"):
		lower += "es"
	case strings.HasSuffix(lower, "y") && !strings.HasSuffix(lower, "ay") && !strings.HasSuffix(lower, "ey"):
		lower = strings.TrimSuffix(lower, "y") + "ies"
	default:
		lower += "s"
	}
	return strings.TrimSpace(lower + " " + rest)
}
