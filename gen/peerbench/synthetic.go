package main

import (
	"fmt"
	"strings"
)

// synthetic returns a description with four operations for each of n kinds of
// things: list, get, create, change. In the number of schemas and properties
// to an operation it resembles the descriptions of the vendors.
func synthetic(n int) string {
	var paths, schemas strings.Builder
	for i := range n {
		fmt.Fprintf(&paths, syntheticPaths, i)
		fmt.Fprintf(&schemas, syntheticSchemas, i)
	}
	return syntheticHead + "paths:\n" + paths.String() + "components:\n  schemas:\n" + schemas.String() + syntheticFailure
}

const syntheticHead = `openapi: 3.0.3
info: {title: Synthetic API, version: "1", description: As large as needed.}
servers:
  - url: https://api.example.com/v1
`

const syntheticPaths = `  /things%[1]d:
    get:
      operationId: listThings%[1]d
      summary: Lists things of kind %[1]d.
      parameters:
        - {name: limit, in: query, description: How many at most., schema: {type: integer, format: int64}}
        - {name: search, in: query, description: Words to look for., schema: {type: string}}
      responses:
        '200':
          description: The things.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Things%[1]dAnswer'}
        default:
          description: A failure.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/FailureAnswer'}
    post:
      operationId: createThing%[1]d
      summary: Creates a thing of kind %[1]d.
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing%[1]dRequest'}
      responses:
        '201':
          description: The new thing.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing%[1]d'}
        default:
          description: A failure.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/FailureAnswer'}
  /things%[1]d/{id}:
    get:
      operationId: getThing%[1]d
      summary: Returns a thing of kind %[1]d.
      parameters:
        - {name: id, in: path, required: true, description: ID of the thing., schema: {type: string}}
      responses:
        '200':
          description: The thing.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing%[1]d'}
        default:
          description: A failure.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/FailureAnswer'}
    patch:
      operationId: changeThing%[1]d
      summary: Changes a thing of kind %[1]d.
      parameters:
        - {name: id, in: path, required: true, description: ID of the thing., schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing%[1]dRequest'}
      responses:
        '204':
          description: Changed.
        default:
          description: A failure.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/FailureAnswer'}
`

const syntheticSchemas = `    Thing%[1]d:
      type: object
      description: A thing of kind %[1]d.
      properties:
        id: {type: string, description: ID of the thing.}
        name: {type: string, description: Name of the thing.}
        count: {type: integer, format: int64, description: How many there are.}
        weight: {type: number, format: double, nullable: true, description: Weight in kilograms.}
        active: {type: boolean, description: Whether it is in use.}
        createdAt: {type: string, format: date-time, description: When it was created.}
        tags: {type: array, description: Words that describe it., items: {type: string}}
    Thing%[1]dRequest:
      type: object
      description: What to set of a thing of kind %[1]d.
      required: [name]
      properties:
        name: {type: string, description: Name of the thing.}
        count: {type: integer, format: int64, description: How many there are.}
        active: {type: boolean, description: Whether it is in use.}
        tags: {type: array, description: Words that describe it., items: {type: string}}
    Things%[1]dAnswer:
      type: object
      description: Things of kind %[1]d.
      properties:
        count: {type: integer, format: int64, description: How many there are in all.}
        next: {type: string, nullable: true, description: Address of the next page.}
        items:
          type: array
          description: The things of this page.
          items: {$ref: '#/components/schemas/Thing%[1]d'}
`

const syntheticFailure = `    FailureAnswer:
      type: object
      description: Why a call failed.
      properties:
        code: {type: string, description: Code of the failure.}
        message: {type: string, description: What happened.}
`
