import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as f}from"./chunk-EQFI4VRI.js";import{d as a}from"./chunk-JZM2RMUD.js";import{c as p}from"./chunk-FW5GIFYK.js";import{d as o}from"./chunk-AF3XHP23.js";function P(i,r,l){let t=a(i,r,l);if(t.failure!==void 0)return t;for(let e=t.end;e<i.length;){let c={context:l,offset:r,at:e},n=i.subarray(e);if(!f(n)&&!p(n)){o(c,"trailingData",`${n.length} bytes follow the end of the pickle`);break}o(c,"secondPickle","another pickle follows the end of the first");let{end:u,failure:k}=a(n,r===null?null:r+e,l);if(k!==void 0)break;e+=u}return t}export{P as a};
