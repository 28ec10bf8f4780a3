import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{d as a}from"./chunk-E2FGQMB6.js";import"./chunk-RLR6RKV3.js";import"./chunk-Y3ZUOUWO.js";import"./chunk-OTLRVWXM.js";import"./chunk-6EVPQMLL.js";import"./chunk-EQFI4VRI.js";import"./chunk-J7ASNQBP.js";import"./chunk-RR6XUVSF.js";import"./chunk-3W3JLRN6.js";import"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";export{a as readers};
