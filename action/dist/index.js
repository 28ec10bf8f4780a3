import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as o}from"./chunk-EJHQFQSL.js";import"./chunk-6KEZV3WT.js";process.stdout.write(`abd ${o}: backdoor audit of teacher models
`);await import("./chunk-5KQZQRPC.js");
