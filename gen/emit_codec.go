package main

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// A codec writes the Go statements that read and write values of one type.
type codec struct {
	goType  string
	nilable bool // a list, a map, or a raw value: nil means left out
	methods bool // has DecodeJSON and EncodeJSON

	plainItem string // of a list whose items a method of the decoder reads: that method

	read   string                     // expression that reads a value, or "" for types with methods
	decode func(lvalue string) string // statements that read into lvalue
	encode func(value string) string  // statements that write value, which is addressable
	zero   func(value string) string  // expression that is true for the zero value
}

// reader returns a function that reads a value.
func (c codec) reader() string {
	switch {
	case c.read == "":
		return fmt.Sprintf("func(d *wire.Decoder) (x %s) {\n%s\nreturn x\n}", c.goType, c.decode("x"))
	case c.isPlain():
		return "(*wire.Decoder)" + strings.TrimSuffix(strings.TrimPrefix(c.read, "d"), "()")
	default:
		return fmt.Sprintf("func(d *wire.Decoder) %s { return %s }", c.goType, c.read)
	}
}

// isPlain reports whether a method of the decoder reads the value.
func (c codec) isPlain() bool { return strings.HasPrefix(c.read, "d.") }

// pointer returns the codec of a pointer to the type. Its zero value is nil.
func (c codec) pointer() codec {
	return codec{
		goType:  "*" + c.goType,
		methods: c.methods,
		decode: func(lvalue string) string {
			if c.methods {
				return fmt.Sprintf("%s = new(%s)\n%s", lvalue, c.goType, c.decode(lvalue))
			}
			return fmt.Sprintf("%s = rest.Ptr(%s)", lvalue, c.read)
		},
		encode: func(value string) string {
			if c.methods {
				return c.encode(value)
			}
			return c.encode("*" + value)
		},
		zero: func(value string) string { return value + " == nil" },
	}
}

// codec returns the codec for a schema.
func (e *emitter) codec(schema codegen.Schema) codec {
	goType := schema.TypeDecl()
	switch {
	case strings.HasPrefix(goType, "[]") && schema.ArrayType != nil:
		return listCodec(goType, e.codec(*schema.ArrayType))
	case strings.HasPrefix(goType, "map[string]") && schema.AdditionalPropertiesType != nil:
		return mapCodec(goType, e.codec(*schema.AdditionalPropertiesType))
	}
	return e.namedCodec(goType, e.base(goType, schema))
}

// base returns the built-in or shared type that stands behind goType, or "" if
// it is a type of the package with methods.
func (e *emitter) base(goType string, schema codegen.Schema) string {
	if !isNamed(schema) {
		return goType
	}
	target := schema.OAPISchema
	for target != nil && len(target.AllOf) == 1 && len(target.Properties) == 0 {
		target = target.AllOf[0].Value
	}
	switch {
	case target == nil || e.plan.unions[target]:
		return ""
	case target.Extensions["x-go-type"] != nil:
		return fmt.Sprint(target.Extensions["x-go-type"])
	case target.Type.Is("object"), target.Type.Is("array"), len(target.AllOf) > 0:
		return ""
	}
	plain := *target
	plain.Enum, plain.Extensions = nil, nil
	resolved, err := codegen.GenerateGoSchema(&openapi3.SchemaRef{Value: &plain}, []string{goType})
	if err != nil {
		e.fail("type %s: %w", goType, err)
		return ""
	}
	return resolved.TypeDecl()
}

// namedCodec returns the codec for a type that is no literal list or map.
func (e *emitter) namedCodec(goType, base string) codec {
	reader, isPlain := map[string]string{"string": "String", "bool": "Bool", "int64": "Int64", "int32": "Int32", "float64": "Float64"}[base]
	if !isPlain {
		c := codec{
			goType: goType, methods: true, nilable: base == "rest.Object" || base == "rest.Raw",
			decode: func(lvalue string) string { return fmt.Sprintf("%s.DecodeJSON(d)", lvalue) },
			encode: func(value string) string { return fmt.Sprintf("%s.EncodeJSON(e)", value) },
		}
		switch base {
		case "":
			c.zero = func(value string) string { return fmt.Sprintf("rest.IsZero(&%s)", value) }
		case "rest.Object", "rest.Raw":
			c.zero = func(value string) string { return value + " == nil" }
		default:
			c.zero = func(value string) string { return value + ".IsZero()" }
		}
		return c
	}
	writer := strings.Replace(reader, "Int32", "Int64", 1)
	read := "d." + reader + "()"
	if goType != base {
		read = goType + "(" + read + ")"
	}
	c := codec{
		goType: goType,
		read:   read,
		decode: func(lvalue string) string { return lvalue + " = " + read },
		encode: func(value string) string {
			if wants := strings.ToLower(writer); goType != wants {
				value = wants + "(" + value + ")"
			}
			return fmt.Sprintf("e.%s(%s)", writer, value)
		},
		zero: func(value string) string { return value + " == 0" },
	}
	switch base {
	case "string":
		c.zero = func(value string) string { return value + ` == ""` }
	case "bool":
		c.zero = func(value string) string { return "!" + value }
	}
	return c
}

func listCodec(goType string, item codec) codec {
	return containerCodec(goType, "List", item)
}

func mapCodec(goType string, item codec) codec {
	return containerCodec(goType, "Map", item)
}

// containerCodec returns the codec of a list or a map, which rest.DecodeList
// and its siblings read and write item by item.
func containerCodec(goType, kind string, item codec) codec {
	read := fmt.Sprintf("rest.Decode%s(d, %s)", kind, item.reader())
	switch {
	case kind == "List" && item.read == "" && item.methods:
		read = fmt.Sprintf("rest.DecodeItems[%s](d)", item.goType)
	case kind == "List" && item.plainItem != "":
		read = fmt.Sprintf("rest.DecodeRows(d, %s)", item.plainItem)
	}
	plain := ""
	if kind == "List" && item.isPlain() {
		plain = item.reader()
	}
	return codec{
		goType: goType, nilable: true, plainItem: plain,
		read:   read,
		decode: func(lvalue string) string { return lvalue + " = " + read },
		encode: func(value string) string {
			return fmt.Sprintf("rest.Encode%s(e, %s, func(e *wire.Encoder, x %s) {\n%s\n})", kind, value, item.goType, item.encode("x"))
		},
		zero: func(value string) string { return value + " == nil" },
	}
}

// value returns the statement that writes a value into a query or form. The
// builder is the expression before the dot; sep joins lists that do not
// explode.
func (e *emitter) value(schema codegen.Schema, builder, name, value, sep string, explode bool) string {
	goType := schema.TypeDecl()
	if strings.HasPrefix(goType, "[]") && schema.ArrayType != nil {
		items := map[string]string{"string": "Strings", "int64": "Ints", "int32": "Ints"}[e.base(schema.ArrayType.TypeDecl(), *schema.ArrayType)]
		if items == "" {
			e.fail("parameter or form property %s: lists of %s cannot be sent", name, goType)
		}
		return fmt.Sprintf("%s.List(%q, %t, %q, rest.%s(%s))", builder, name, explode, sep, items, value)
	}
	switch base := e.base(goType, schema); base {
	case "string":
		return fmt.Sprintf("%s.String(%q, string(%s))", builder, name, value)
	case "int64", "int32":
		return fmt.Sprintf("%s.Int(%q, int64(%s))", builder, name, value)
	case "float64":
		return fmt.Sprintf("%s.Float(%q, float64(%s))", builder, name, value)
	case "bool":
		return fmt.Sprintf("%s.Bool(%q, bool(%s))", builder, name, value)
	case "rest.Secret":
		return fmt.Sprintf("%s.Secret(%q, %s)", builder, name, value)
	case "rest.Number":
		return fmt.Sprintf("%s.String(%q, %s.String())", builder, name, value)
	case "rest.Time", "rest.UnixTime":
		return fmt.Sprintf("%s.String(%q, %s.Text())", builder, name, value)
	default:
		e.fail("parameter or form property %s: values of type %s cannot be sent", name, goType)
		return ""
	}
}

// optionalValue is value for a field that is a pointer or a list.
func (e *emitter) optionalValue(schema codegen.Schema, builder, name, field, sep string, explode bool) string {
	if strings.HasPrefix(schema.TypeDecl(), "[]") {
		return e.value(schema, builder, name, field, sep, explode)
	}
	dereferenced := "*" + field
	if base := e.base(schema.TypeDecl(), schema); strings.HasPrefix(base, "rest.") && base != "rest.Secret" {
		dereferenced = field // its methods do
	}
	return fmt.Sprintf("if %s != nil {\n%s\n}", field, e.value(schema, builder, name, dereferenced, sep, explode))
}
