import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a}from"./chunk-UMLXLD7I.js";import"./chunk-WN7AV6KT.js";import"./chunk-6KEZV3WT.js";export{a as probeBinding};
