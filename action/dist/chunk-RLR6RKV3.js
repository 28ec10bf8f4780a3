import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
function o(n){let i=[];for(let e=0;e<n.length;e++){let r=n[e];if(r==="{")i.push(new Set);else if(r==="[")i.push(void 0);else if(r==="}"||r==="]")i.pop();else if(r==='"'){let t=u(n,e);if(d(n,t)){let s=JSON.parse(n.slice(e,t+1)),l=i.at(-1);if(l?.has(s))return s;l?.add(s)}e=t}}}function u(n,i){let e=i+1;for(;e<n.length&&n[e]!=='"';)e+=n[e]==="\\"?2:1;return e}function d(n,i){let e=i+1;for(;` 	
\r`.includes(n[e]??".");)e++;return n[e]===":"}var a=["PyFunc","EagerPyFunc","PyFuncStateless","ReadFile","WriteFile","MatchingFiles","ShellExecute","DebugIdentityV2","WholeFileReaderV2","FixedLengthRecordReaderV2","TextLineReaderV2"];export{o as a,a as b};
