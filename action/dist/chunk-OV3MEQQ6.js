import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as m}from"./chunk-BNWQCFM3.js";import{d as c}from"./chunk-6KEZV3WT.js";var f=new WeakMap,a=e=>f.get(e)?.running??null;function d(e){let s=f.get(e);if(s)return s;let r=null,t={execute:e.executeMultipleOutputs.bind(e),read:e.readSync.bind(e),dispose:e.disposeData.bind(e),move:e.move.bind(e)},i=(n,o,u,l)=>r?r.execute({name:n,attributes:o,inputs:u,outputs:l}):t.execute(n,o,u,l);e.executeMultipleOutputs=i,e.executeSingleOutput=(n,o,u)=>i(n,o,u,1)[0],e.readSync=n=>(r?.beforeRead(n),t.read(n)),e.move=(n,...o)=>{t.move(n,...o),r?.afterWrite(n)},e.disposeData=(n,o)=>r?r.dispose(n,()=>t.dispose(n,o)):t.dispose(n,o);let p={during(n,o){r=n;try{return o()}finally{r=null}},isBusy:()=>r!==null,get running(){return r}};return f.set(e,p),p}var T=c(m(),1);function y(e,s){let r=t=>{if(t!==void 0)return t instanceof T.Tensor?s(t):t instanceof Map?new Map([...t].map(([i,p])=>[i,s(p)])):Array.isArray(t)?t.map(r):Object.fromEntries(Object.entries(t).map(([i,p])=>[i,r(p)]))};return r(e)}function x(e){let s=[];return y(e,r=>(s.push(r),r)),s}export{a,d as b,y as c,x as d};
