import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{createHash as t}from"node:crypto";var s="audit-passed",o=e=>t("sha256").update(JSON.stringify(e)).digest("hex");export{s as a,o as b};
