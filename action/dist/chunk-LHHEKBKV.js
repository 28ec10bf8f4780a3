import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
var o=r=>r.toWellFormed().replace(/[\t\n\r]+/g," ").replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu,e=>`\\u{${e.codePointAt(0)?.toString(16)}}`);function n(r,e){let t=[...r];return t.length<=e?r:`${t.slice(0,e-1).join("")}…`}var i=/[\\`*_{}[\]<>#|~&$@!]|:(?=\S)|^[-+=]|^\d+[.)]|(?<=GH)-(?=\d)|(?<=www)\./gi,s=(r,e=400)=>n(o(r).trim(),e).replace(i,t=>t.replace(/\W|_/g,c=>`&#${c.charCodeAt(0)};`)).replace(/&#(?:64|35);(?=[\w-])|(?<=GH)&#45;/gi,t=>`${t}&#8203;`),a=(r,e=200)=>`<code>${s(r,e)}</code>`;export{o as a,n as b,s as c,a as d};
