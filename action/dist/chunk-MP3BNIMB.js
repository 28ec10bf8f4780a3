import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as i}from"./chunk-6O2RQXHD.js";var e=i.strictObject({rule:i.string().regex(/^ABD-F\d{3}$/),severity:i.enum(["critical","high","medium","low","info"]),message:i.string(),offset:i.number().int().min(0).nullable()});export{e as a};
