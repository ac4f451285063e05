"""A contract with operations beside the session, for the tests of what the mock answers from a contract."""

from __future__ import annotations

USERS = {"ada@example.com": "secret", "bob@example.com": "another secret"}
MATTER = {
    "type": "object",
    "required": ["number", "title", "createdAt", "secretNote"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "integer", "minimum": 1000, "multipleOf": 7, "readOnly": True},
        "title": {"type": "string", "minLength": 3},
        "createdAt": {"type": "string", "format": "date-time"},
        "secretNote": {"type": "string", "writeOnly": True},
        "pin": {"type": "string", "x-secret": True},
        "puk": {"type": "string", "format": "password"},
        "parent": {"$ref": "#/components/schemas/Matter"},
        # Names that are keywords in other places.
        "value": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer", "writeOnly": True}}},
        "properties": {"type": "integer"},
        "required": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "stage": {"oneOf": [{"type": "null"}, {"type": "string", "enum": ["open", "closed"]}]},
    },
}
NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Matters", "version": "1"},
    "security": [{"Bearer": []}],
    "paths": {
        "/matters": {
            "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
            "get": {
                "operationId": "matterList",
                "parameters": [
                    {
                        "name": "state",
                        "in": "query",
                        "schema": {"type": "array", "items": {"enum": ["open", "closed"]}},
                    },
                    {"name": "X-Team", "in": "header", "schema": {"type": "string", "maxLength": 5}},
                    {"name": "all", "in": "query", "schema": {"type": "boolean"}},
                ],
                "responses": {
                    "200": {
                        "headers": {"X-Total": {"required": True, "schema": {"type": "integer", "minimum": 5}}},
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Matter"}},
                                # As examples are in practice: some of it is out of date.
                                "examples": {
                                    "two": {
                                        "value": [{"number": 1001, "title": "Smith", "gone": 1, "secretNote": "x"}, {}]
                                    }
                                },
                            }
                        },
                    }
                },
            },
            "post": {
                "operationId": "matterCreate",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Matter"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Matter"}}}}
                },
            },
        },
        "/matters/{number}": {
            "get": {
                "operationId": "matterGet",
                "parameters": [NUMBER],
                "responses": {"2XX": {"content": {"text/csv": {"example": "a,b", "schema": {"type": "string"}}}}},
            },
            "delete": {"operationId": "matterDelete", "parameters": [NUMBER], "responses": {"204": {}}},
        },
        "/matters/mine": {"get": {"operationId": "matterMine", "responses": {"200": {}}}},
        "/picture": {
            "put": {
                "operationId": "picturePut",
                "requestBody": {"content": {"image/png": {}, "text/*": {}}},
                "responses": {"204": {}},
            }
        },
        "/ping": {"get": {"operationId": "ping", "security": [], "responses": {"default": {}}}},
        "/session": {"put": {"operationId": "sessionReplace", "responses": {"200": {}}}},
        "/riddle": {
            "get": {
                "operationId": "riddle",
                "security": [],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "string", "pattern": "^a+b$"}}}}
                },
            }
        },
    },
    "components": {
        "schemas": {"Matter": MATTER},
        "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
    },
}
