import {readFileSync, writeFileSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import ts from 'typescript'

interface ModelJson {
  readonly weightsManifest: readonly {readonly paths: readonly string[]}[]
}

/**
 * Writes a TensorFlow.js model that a package has as scripts (model.min.js, which exports an object, and shards that export
 * base64 text) as the files that a web server has; the scripts are parsed, not run. Answers the path of model.json.
 */
export function unbundle(from: string, into: string): string {
  mkdirSync(into, {recursive: true})
  const model = exported(join(from, 'model.min.js')) as ModelJson
  for (const name of model.weightsManifest.flatMap(({paths}) => paths)) {
    const shard = exported(join(from, `${name}.min.js`))
    writeFileSync(join(into, name), Buffer.from(shard as string, 'base64'))
  }
  const path = join(into, 'model.json')
  writeFileSync(path, JSON.stringify(model))
  return path
}

/** What the script assigns to `exports` of the name that it uses for it: the largest literal in it. */
function exported(path: string): unknown {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)
  let largest: ts.Expression | undefined
  const visit = (node: ts.Node) => {
    if (ts.isObjectLiteralExpression(node) || ts.isStringLiteral(node))
      if (!largest || node.end - node.pos > largest.end - largest.pos)
        if (isPlain(node)) {
          largest = node
          return
        }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return valueOf(largest!)
}

const isPlain = (node: ts.Node): boolean => {
  try {
    valueOf(node as ts.Expression)
    return true
  } catch {
    return false
  }
}

function valueOf(node: ts.Expression): unknown {
  if (ts.isStringLiteral(node)) return node.text
  if (ts.isNumericLiteral(node)) return Number(node.text)
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(valueOf)
  if (ts.isObjectLiteralExpression(node))
    return Object.fromEntries(
      node.properties.map((property) => {
        if (!ts.isPropertyAssignment(property)) throw new Error('no plain property')
        return [(property.name as ts.Identifier).text, valueOf(property.initializer)]
      }),
    )
  if (ts.isPrefixUnaryExpression(node)) {
    const value = valueOf(node.operand)
    if (node.operator === ts.SyntaxKind.MinusToken) return -(value as number)
    // !0 and !1 are how a script is made short.
    if (node.operator === ts.SyntaxKind.ExclamationToken) return !value
  }
  if (node.kind === ts.SyntaxKind.NullKeyword) return null
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false
  throw new Error(`no plain value: ${ts.SyntaxKind[node.kind]}`)
}
