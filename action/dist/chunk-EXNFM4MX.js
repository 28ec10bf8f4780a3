import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as f}from"./chunk-EQFI4VRI.js";import{e as a}from"./chunk-GEEFHLUO.js";import{d as c}from"./chunk-ZGXC5KPU.js";import{d as l}from"./chunk-SQXBM3UT.js";function g(i,r,o){let t=a(i,r,o);if(t.failure!==void 0)return t;for(let e=t.end;e<i.length;){let p={context:o,offset:r,at:e},n=i.subarray(e);if(!f(n)&&!c(n)){l(p,"trailingData",`${n.length} bytes follow the end of the pickle`);break}l(p,"secondPickle","another pickle follows the end of the first");let{end:u,failure:d}=a(n,r===null?null:r+e,o);if(d!==void 0)break;e+=u}return t}export{g as a};
