import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as o,f as a}from"./chunk-ZIJ6TP33.js";import{a as p}from"./chunk-EQFI4VRI.js";function h(t,r,i){let n=a(t,r,i);if(n.failure!==void 0)return n;for(let e=n.end;e<t.length;){let c={context:i,offset:r,at:e},l=t.subarray(e);if(!p(l)){o(c,"trailingData",`${l.length} bytes follow the end of the pickle`);break}o(c,"secondPickle","another pickle follows the end of the first");let{end:f,failure:u}=a(l,r===null?null:r+e,i);if(u!==void 0)break;e+=f}return n}export{h as a};
