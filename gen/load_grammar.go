package main

// A kind is a kind of object of an OpenAPI document.
type kind string

const (
	kindRoot           kind = "document"
	kindInfo           kind = "info"
	kindContact        kind = "contact"
	kindLicense        kind = "licence"
	kindDocs           kind = "external documentation"
	kindServer         kind = "server"
	kindServerVariable kind = "server variable"
	kindTag            kind = "tag"
	kindPaths          kind = "paths"
	kindPathItem       kind = "path"
	kindOperation      kind = "operation"
	kindParameter      kind = "parameter"
	kindRequestBody    kind = "request body"
	kindResponses      kind = "responses"
	kindResponse       kind = "response"
	kindMediaType      kind = "media type"
	kindEncoding       kind = "encoding"
	kindHeader         kind = "header"
	kindExample        kind = "example"
	kindLink           kind = "link"
	kindCallback       kind = "callback"
	kindComponents     kind = "components"
	kindSchema         kind = "schema"
	kindDiscriminator  kind = "discriminator"
	kindSecurityScheme kind = "security scheme"
)

// A shape is what the value of a field must look like.
type shape int

const (
	shapeAny     shape = iota // anything, not looked into
	shapeText                 // a text
	shapeBool                 // true or false
	shapeNumber               // a number
	shapeTexts                // a list of texts
	shapeList                 // a list of anything
	shapeMap                  // a mapping of anything
	shapeObject               // an object of the grammar
	shapeObjects              // a list of objects
	shapeNamed                // a mapping from names to objects
	shapeOrBool               // an object, or true or false
)

// A member describes one field of a kind of object.
type member struct {
	shape shape
	kind  kind // of the objects, where the shape has any
}

// A grammar says which fields the objects of OpenAPI 3.0 have.
type grammar struct {
	fields map[kind]map[string]member
	others map[kind]member // fields of any other name, for objects that are maps
	refs   map[kind]string // kinds that may be a $ref, and their section of components
}

// newGrammar returns the grammar of OpenAPI 3.0. Left out, as shapeAny, are
// fields whose form kin-openapi checks after loading.
func newGrammar() *grammar {
	t, b, n, texts, free := member{shape: shapeText}, member{shape: shapeBool}, member{shape: shapeNumber}, member{shape: shapeTexts}, member{}
	one := func(k kind) member { return member{shapeObject, k} }
	list := func(k kind) member { return member{shapeObjects, k} }
	named := func(k kind) member { return member{shapeNamed, k} }
	parameter := map[string]member{
		"name": t, "in": t, "description": t, "required": b, "deprecated": b, "allowEmptyValue": b, "style": t, "explode": b,
		"allowReserved": b, "schema": one(kindSchema), "example": free, "examples": named(kindExample), "content": named(kindMediaType),
	}
	operation := one(kindOperation)
	return &grammar{
		fields: map[kind]map[string]member{
			kindRoot: {
				"openapi": t, "info": one(kindInfo), "servers": list(kindServer), "paths": one(kindPaths), "components": one(kindComponents),
				"security": {shape: shapeList}, "tags": list(kindTag), "externalDocs": one(kindDocs),
			},
			kindInfo: {
				"title": t, "description": t, "termsOfService": t, "contact": one(kindContact), "license": one(kindLicense), "version": t,
			},
			kindContact:        {"name": t, "url": t, "email": t},
			kindLicense:        {"name": t, "url": t},
			kindDocs:           {"description": t, "url": t},
			kindServer:         {"url": t, "description": t, "variables": named(kindServerVariable)},
			kindServerVariable: {"enum": texts, "default": t, "description": t},
			kindTag:            {"name": t, "description": t, "externalDocs": one(kindDocs)},
			kindPaths:          {},
			kindPathItem: {
				"summary": t, "description": t, "servers": list(kindServer), "parameters": list(kindParameter),
				"get": operation, "put": operation, "post": operation, "delete": operation, "options": operation, "head": operation,
				"patch": operation, "trace": operation,
			},
			kindOperation: {
				"tags": texts, "summary": t, "description": t, "externalDocs": one(kindDocs), "operationId": t,
				"parameters": list(kindParameter), "requestBody": one(kindRequestBody), "responses": one(kindResponses),
				"callbacks": named(kindCallback), "deprecated": b, "security": {shape: shapeList}, "servers": list(kindServer),
			},
			kindParameter:   parameter,
			kindHeader:      parameter,
			kindRequestBody: {"description": t, "content": named(kindMediaType), "required": b},
			kindResponses:   {},
			kindResponse: {
				"description": t, "headers": named(kindHeader), "content": named(kindMediaType), "links": named(kindLink),
			},
			kindMediaType: {
				"schema": one(kindSchema), "example": free, "examples": named(kindExample), "encoding": named(kindEncoding),
			},
			kindEncoding: {"contentType": t, "headers": named(kindHeader), "style": t, "explode": b, "allowReserved": b},
			kindExample:  {"summary": t, "description": t, "value": free, "externalValue": t},
			kindLink: {
				"operationRef": t, "operationId": t, "parameters": {shape: shapeMap}, "requestBody": free, "description": t, "server": one(kindServer),
			},
			kindCallback: {},
			kindComponents: {
				"schemas": named(kindSchema), "responses": named(kindResponse), "parameters": named(kindParameter),
				"examples": named(kindExample), "requestBodies": named(kindRequestBody), "headers": named(kindHeader),
				"securitySchemes": named(kindSecurityScheme), "links": named(kindLink), "callbacks": named(kindCallback),
			},
			kindSchema: {
				"title": t, "multipleOf": n, "maximum": n, "exclusiveMaximum": free, "minimum": n, "exclusiveMinimum": free, "maxLength": n,
				"minLength": n, "pattern": t, "maxItems": n, "minItems": n, "uniqueItems": b, "maxProperties": n, "minProperties": n,
				"required": texts, "enum": {shape: shapeList}, "type": free, "allOf": list(kindSchema), "oneOf": list(kindSchema),
				"anyOf": list(kindSchema), "not": one(kindSchema), "items": one(kindSchema), "properties": named(kindSchema),
				"additionalProperties": {shapeOrBool, kindSchema}, "description": t, "format": t, "default": free, "nullable": b,
				"discriminator": one(kindDiscriminator), "readOnly": b, "writeOnly": b, "xml": {shape: shapeMap},
				"externalDocs": one(kindDocs), "example": free, "deprecated": b,
			},
			kindDiscriminator: {"propertyName": t, "mapping": {shape: shapeMap}},
			kindSecurityScheme: {
				"type": t, "description": t, "name": t, "in": t, "scheme": t, "bearerFormat": t, "flows": {shape: shapeMap}, "openIdConnectUrl": t,
			},
		},
		others: map[kind]member{
			kindPaths: one(kindPathItem), kindResponses: one(kindResponse), kindCallback: one(kindPathItem),
		},
		refs: map[kind]string{
			kindSchema: "schemas", kindResponse: "responses", kindParameter: "parameters", kindExample: "examples",
			kindRequestBody: "requestBodies", kindHeader: "headers", kindSecurityScheme: "securitySchemes", kindLink: "links",
			kindCallback: "callbacks", kindPathItem: "",
		},
	}
}

// laterField reports whether a field of a schema, the document, info or licence
// came with OpenAPI 3.1; kin-openapi reports these itself.
func laterField(name string) bool {
	switch name {
	case "const", "examples", "prefixItems", "contains", "minContains", "maxContains", "patternProperties", "dependentSchemas",
		"propertyNames", "unevaluatedItems", "unevaluatedProperties", "if", "then", "else", "dependentRequired", "$defs", "$schema",
		"$comment", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "contentMediaType", "contentEncoding", "contentSchema",
		"webhooks", "jsonSchemaDialect", "identifier":
		return true
	}
	return false
}
