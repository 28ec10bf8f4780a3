const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Layers and models that Keras has itself, and that run no code of the file's. */
export const kerasLayers = words(`
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
`)

/** Losses and metrics, as classes, functions and short names, in lower case without underscores. */
const measures = words(`
  mse mae mape msle meansquarederror meanabsoluteerror meanabsolutepercentageerror meansquaredlogarithmicerror
  binarycrossentropy binaryfocalcrossentropy categoricalcrossentropy categoricalfocalcrossentropy
  sparsecategoricalcrossentropy kld kldivergence kullbackleiblerdivergence poisson cosinesimilarity cosineproximity huber
  huberloss logcosh hinge squaredhinge categoricalhinge dice tversky ctc acc accuracy binaryaccuracy categoricalaccuracy
  sparsecategoricalaccuracy topkcategoricalaccuracy sparsetopkcategoricalaccuracy auc precision recall f1score fbetascore
  r2score rootmeansquarederror truepositives falsepositives truenegatives falsenegatives meaniou iou onehotiou
  onehotmeaniou binaryiou mean sum loss crossentropy ce bce circle meanmetricwrapper lossfunctionwrapper
`)

export const isMeasure = (name: string) => measures.has(name.toLowerCase().replaceAll('_', ''))
