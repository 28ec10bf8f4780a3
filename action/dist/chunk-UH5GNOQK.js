import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as p}from"./chunk-BRE5JFIY.js";import{b as t}from"./chunk-RSDRCXSA.js";var g=e=>new Set(e.trim().split(/\s+/)),u=g(`
  Sequential Functional Model InputLayer Dense Activation Embedding Masking Conv1D Conv2D Conv3D SeparableConv1D
  SeparableConv2D DepthwiseConv1D DepthwiseConv2D Conv1DTranspose Conv2DTranspose Conv3DTranspose MaxPooling1D MaxPooling2D
  MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
  GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D LSTM GRU SimpleRNN Bidirectional TimeDistributed
  BatchNormalization LayerNormalization GroupNormalization UnitNormalization Normalization SpectralNormalization Dropout
  SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianNoise GaussianDropout AlphaDropout ActivityRegularization
  MultiHeadAttention GroupQueryAttention Attention AdditiveAttention Reshape Flatten RepeatVector Permute Cropping1D
  Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D Concatenate Average
  Maximum Minimum Add Subtract Multiply Dot ReLU Softmax LeakyReLU PReLU ELU ThresholdedReLU Rescaling Resizing CenterCrop
  RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomCrop RandomHeight RandomWidth
  CategoryEncoding Discretization Hashing StringLookup IntegerLookup TextVectorization Identity
`),f=g(`
  mse mae mape msle meansquarederror meanabsoluteerror meanabsolutepercentageerror meansquaredlogarithmicerror
  binarycrossentropy binaryfocalcrossentropy categoricalcrossentropy categoricalfocalcrossentropy
  sparsecategoricalcrossentropy kld kldivergence kullbackleiblerdivergence poisson cosinesimilarity cosineproximity huber
  huberloss logcosh hinge squaredhinge categoricalhinge dice tversky ctc acc accuracy binaryaccuracy categoricalaccuracy
  sparsecategoricalaccuracy topkcategoricalaccuracy sparsetopkcategoricalaccuracy auc precision recall f1score fbetascore
  r2score rootmeansquarederror truepositives falsepositives truenegatives falsenegatives meaniou iou onehotiou
  onehotmeaniou binaryiou mean sum loss crossentropy ce bce circle meanmetricwrapper lossfunctionwrapper
`),m=e=>f.has(e.toLowerCase().replaceAll("_",""));var d=64;function R(e,r){let o=new Map,n=i=>{o.set(`${i.rule} ${i.message}`,i)};return l(e,0,n),D(r,n),[...o.values()].slice(0,200)}function l(e,r,o){if(!(r>d||e===null||e===void 0)){if(typeof e=="string"){for(let n of p(e.slice(0,65536)))o(t("payloadInText",`its configuration holds ${n}`,null));return}if(typeof e=="object"){if(Array.isArray(e)){for(let n of e)l(n,r+1,o);return}y(e,o);for(let n of Object.values(e))l(n,r+1,o)}}}function y(e,r){let{class_name:o,module:n,registered_name:i,layers:a}=e;if((o==="Lambda"||o==="TFOpLambda"||o==="__lambda__")&&r(t("codeLayer",`a layer of the class ${o}`,null)),typeof n=="string"&&!/^(keras|tf_keras|tensorflow\.keras|builtins)(\.|$)/.test(n)&&r(typeof i=="string"&&i.includes(">")?t("customObject",`${i} of the module ${n}`,null):t("foreignModule",`${typeof o=="string"?o:"an object"} of the module ${n}`,null)),n==="builtins"&&o!=="__tuple__"&&o!=="function"&&typeof o=="string"&&r(t("foreignModule",`${o} of the module builtins`,null)),Array.isArray(a))for(let s of a){let c=typeof s=="object"&&s!==null&&!Array.isArray(s)?s.class_name:void 0;typeof c=="string"&&c!=="Lambda"&&!u.has(c)&&r(t("customObject",`a layer of the class ${c}`,null))}}function D(e,r){if(typeof e!="object"||e===null||Array.isArray(e))return;let o=(n,i)=>{if(typeof i=="string")m(i)||r(t("customObject",`a ${n} named '${i}'`,null));else if(Array.isArray(i))for(let a of i)o(n,a);else if(typeof i=="object"&&i!==null)if(typeof i.class_name=="string")o(n,i.class_name);else for(let a of Object.values(i))o(n,a)};o("loss",e.loss),o("metric",e.metrics)}export{R as a};
