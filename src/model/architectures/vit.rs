//! Vision transformers: ViT, and DINOv2 with its linear ImageNet head.
//!
//! Sources: Dosovitskiy et al., *An Image is Worth 16×16 Words*, ICLR 2021 (arXiv 2010.11929); Oquab et al., *DINOv2*,
//! 2023 (arXiv 2304.07193). Tensors have timm's names, which are those of DINOv2's authors, too; torchvision's and
//! those of Hugging Face's transformers are known. Grad-CAM reads what goes into the last block: after it, a classifier
//! of the class token no longer sees the patches.

use super::{Architecture, BILINEAR_224, CENTRE_224, HALF, IMAGENET, Layers, Preset, blocks::Blocks, tensors::Tensors};
use crate::{
    ModelError,
    files::renames::rename,
    imaging::{CropRule, Resampling},
    nn::{Activation, Attention, Conv2d, Layer, LayerNorm, Linear, Padding, Residual, TokenPool, Tokens},
};

/// Added to the variance in every layer normalisation.
const EPSILON: f32 = 1e-6;

/// Width of the perceptron in a block, as a multiple of that of a token.
const EXPANSION: usize = 4;

/// Number of the first token that stands for a patch: the class token is before it.
const PATCHES: usize = 1;

/// How a transformer is built.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Width of a token.
    channels: usize,
    blocks: usize,
    heads: usize,
    /// Side of a patch in pixels.
    patch: usize,
    /// Rows and columns of patches that the weights have places for.
    side: usize,
    head: Head,
}

/// What the classifier reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    /// The class token.
    Class,
    /// The class token and the mean of the patches; and blocks have scales (DINOv2).
    ClassAndMean,
}

/// What Google's weights, and timm's trained like them, were trained to see.
const AUGREG: CropRule = CropRule::new(248, 224);

/// What torchvision's were, and what transformers' processor of pictures does unless told otherwise.
const PRESETS: [Preset; 2] = [
    Preset { known_by: "class_token", crop: BILINEAR_224, normalisation: IMAGENET },
    Preset {
        known_by: "vit.embeddings.cls_token",
        crop: CropRule { resampling: Resampling::Bilinear, squashes: true, ..CropRule::new(224, 224) },
        normalisation: HALF,
    },
];

const fn vit(channels: usize, heads: usize, patch: usize) -> Plan {
    Plan { channels, blocks: 12, heads, patch, side: 224 / patch, head: Head::Class }
}

const fn dino(channels: usize, heads: usize) -> Plan {
    // Trained on pictures of 518 pixels: their places are resampled for smaller ones.
    Plan { channels, blocks: 12, heads, patch: 14, side: 518 / 14, head: Head::ClassAndMean }
}

/// Table 1 of the first paper, the smaller ones of Touvron et al. 2021 (arXiv 2012.12877), and DINOv2's.
pub(crate) const ALL: [Architecture; 6] = [
    Architecture {
        name: "vit_tiny_patch16_224",
        title: "ViT-Ti/16",
        heads: Some(3),
        build: |weights, classes| build(weights, vit(192, 3, 16), classes),
        ..VIT
    },
    Architecture {
        name: "vit_small_patch16_224",
        title: "ViT-S/16",
        heads: Some(6),
        build: |weights, classes| build(weights, vit(384, 6, 16), classes),
        ..VIT
    },
    VIT,
    Architecture {
        name: "vit_base_patch32_224",
        title: "ViT-B/32",
        build: |weights, classes| build(weights, vit(768, 12, 32), classes),
        ..VIT
    },
    DINO,
    Architecture {
        name: "dinov2_vitb14",
        title: "DINOv2 ViT-B/14",
        heads: Some(12),
        build: |weights, classes| build(weights, dino(768, 12), classes),
        ..DINO
    },
];

const VIT: Architecture = Architecture {
    name: "vit_base_patch16_224",
    title: "ViT-B/16",
    feature_layer: "blocks.11.norm1",
    classifier: "head.weight",
    least_side: 32,
    heads: Some(12),
    lookalikes: &[],
    crop: AUGREG,
    normalisation: HALF,
    presets: &PRESETS,
    rename: canonical_name,
    build: |weights, classes| build(weights, vit(768, 12, 16), classes),
};

const DINO: Architecture = Architecture {
    name: "dinov2_vits14",
    title: "DINOv2 ViT-S/14",
    heads: Some(6),
    crop: CENTRE_224,
    normalisation: IMAGENET,
    presets: &[],
    build: |weights, classes| build(weights, dino(384, 6), classes),
    ..VIT
};

/// Others' names of tensors, and timm's. `#` is a number.
const RENAMES: [(&str, &str); 49] = [
    // Hugging Face's transformers, ViT and DINOv2.
    ("vit.embeddings.cls_token", "cls_token"),
    ("vit.embeddings.position_embeddings", "pos_embed"),
    ("vit.embeddings.patch_embeddings.projection", "patch_embed.proj"),
    ("vit.encoder.layer.#.attention.attention.query", "blocks.#.attn.qkv[0]"),
    ("vit.encoder.layer.#.attention.attention.key", "blocks.#.attn.qkv[1]"),
    ("vit.encoder.layer.#.attention.attention.value", "blocks.#.attn.qkv[2]"),
    ("vit.encoder.layer.#.attention.output.dense", "blocks.#.attn.proj"),
    ("vit.encoder.layer.#.intermediate.dense", "blocks.#.mlp.fc1"),
    ("vit.encoder.layer.#.output.dense", "blocks.#.mlp.fc2"),
    ("vit.encoder.layer.#.layernorm_before", "blocks.#.norm1"),
    ("vit.encoder.layer.#.layernorm_after", "blocks.#.norm2"),
    ("vit.layernorm", "norm"),
    // As transformers 5 calls its layers in memory; its files keep the names above.
    ("vit.layers.#.attention.q_proj", "blocks.#.attn.qkv[0]"),
    ("vit.layers.#.attention.k_proj", "blocks.#.attn.qkv[1]"),
    ("vit.layers.#.attention.v_proj", "blocks.#.attn.qkv[2]"),
    ("vit.layers.#.attention.o_proj", "blocks.#.attn.proj"),
    ("vit.layers.#.mlp", "blocks.#.mlp"),
    ("vit.layers.#.layernorm_before", "blocks.#.norm1"),
    ("vit.layers.#.layernorm_after", "blocks.#.norm2"),
    ("dinov2.encoder.layer.#.attention.q_proj", "blocks.#.attn.qkv[0]"),
    ("dinov2.encoder.layer.#.attention.k_proj", "blocks.#.attn.qkv[1]"),
    ("dinov2.encoder.layer.#.attention.v_proj", "blocks.#.attn.qkv[2]"),
    ("dinov2.encoder.layer.#.attention.o_proj", "blocks.#.attn.proj"),
    ("classifier", "head"),
    ("dinov2.embeddings.cls_token", "cls_token"),
    ("dinov2.embeddings.position_embeddings", "pos_embed"),
    ("dinov2.embeddings.patch_embeddings.projection", "patch_embed.proj"),
    ("dinov2.encoder.layer.#.attention.attention.query", "blocks.#.attn.qkv[0]"),
    ("dinov2.encoder.layer.#.attention.attention.key", "blocks.#.attn.qkv[1]"),
    ("dinov2.encoder.layer.#.attention.attention.value", "blocks.#.attn.qkv[2]"),
    ("dinov2.encoder.layer.#.attention.output.dense", "blocks.#.attn.proj"),
    ("dinov2.encoder.layer.#.mlp", "blocks.#.mlp"),
    ("dinov2.encoder.layer.#.norm1", "blocks.#.norm1"),
    ("dinov2.encoder.layer.#.norm2", "blocks.#.norm2"),
    ("dinov2.encoder.layer.#.layer_scale1.lambda1", "blocks.#.ls1.gamma"),
    ("dinov2.encoder.layer.#.layer_scale2.lambda1", "blocks.#.ls2.gamma"),
    ("dinov2.layernorm", "norm"),
    // torchvision's ViT.
    ("class_token", "cls_token"),
    ("encoder.pos_embedding", "pos_embed"),
    ("conv_proj", "patch_embed.proj"),
    ("encoder.layers.encoder_layer_#.ln_1", "blocks.#.norm1"),
    ("encoder.layers.encoder_layer_#.ln_2", "blocks.#.norm2"),
    ("encoder.layers.encoder_layer_#.self_attention.in_proj_weight", "blocks.#.attn.qkv.weight"),
    ("encoder.layers.encoder_layer_#.self_attention.in_proj_bias", "blocks.#.attn.qkv.bias"),
    ("encoder.layers.encoder_layer_#.self_attention.out_proj", "blocks.#.attn.proj"),
    ("encoder.layers.encoder_layer_#.mlp.0", "blocks.#.mlp.fc1"),
    ("encoder.layers.encoder_layer_#.mlp.3", "blocks.#.mlp.fc2"),
    ("encoder.ln", "norm"),
    ("heads.head", "head"),
];

fn canonical_name(name: &str) -> Option<String> {
    rename(&RENAMES, name)
}

/// Builds a transformer with `classes` classes.
fn build(weights: &dyn Tensors, plan: Plan, classes: usize) -> Result<Layers, ModelError> {
    let Plan { channels, blocks, patch, side, head, .. } = plan;
    let filters = weights.factors("patch_embed.proj.weight", &[channels, 3, patch, patch])?;
    let bias = weights.get("patch_embed.proj.bias", &[channels])?;
    let padding = Padding::Symmetric(0);
    let patches = Conv2d::new(filters, bias, 3, patch, patch, padding, Activation::None);
    let mut features = vec![Layer::Conv2d(patches), tokens(weights, channels, side)?];
    let mut ends = Blocks::default();
    for block in 0..blocks - 1 {
        let name = format!("blocks.{block}");
        features.extend(transformer_block(weights, &name, plan)?);
        // What goes into the last block is called as Grad-CAM's users call it.
        let is_last = block + 2 == blocks;
        ends.end_of(&features, if is_last { format!("blocks.{}.norm1", blocks - 1) } else { name });
    }
    let mut last = Vec::from(transformer_block(weights, &format!("blocks.{}", blocks - 1), plan)?);
    last.push(norm(weights, "norm", channels)?);
    let (pool, inputs) = match head {
        Head::Class => (TokenPool::Class, channels),
        Head::ClassAndMean => (TokenPool::ClassAndMean { patches: PATCHES }, 2 * channels),
    };
    let classifier =
        Linear::new(weights.factors("head.weight", &[classes, inputs])?, weights.get("head.bias", &[classes])?);
    last.extend([Layer::TokenPool(pool), Layer::Linear(classifier)]);
    Ok(Layers { features, head: last, blocks: ends })
}

/// The class token before the patches, and everyone's place.
fn tokens(weights: &dyn Tensors, channels: usize, side: usize) -> Result<Layer, ModelError> {
    let mut class = weights.get("cls_token", &[1, 1, channels])?;
    let mut places = weights.get("pos_embed", &[1, side * side + PATCHES, channels])?;
    let positions = places.split_off(channels);
    for (value, place) in class.iter_mut().zip(&places) {
        *value += place;
    }
    Ok(Layer::Tokens(Tokens::new(class, positions, channels)))
}

/// Attention and a perceptron, each with a way around it.
fn transformer_block(weights: &dyn Tensors, name: &str, plan: Plan) -> Result<[Layer; 2], ModelError> {
    let Plan { channels, head, .. } = plan;
    let heads = weights.heads().unwrap_or(plan.heads);
    if heads == 0 || !channels.is_multiple_of(heads) {
        return Err(ModelError::Heads { channels, heads });
    }
    let scale = |name: String| match head {
        Head::Class => Ok(None),
        Head::ClassAndMean => weights.get(&format!("{name}.gamma"), &[channels]).map(Some),
    };
    let attention = vec![
        norm(weights, &format!("{name}.norm1"), channels)?,
        // Queries, keys and values, one after the other.
        linear(weights, &format!("{name}.attn.qkv"), [3 * channels, channels], None)?,
        Layer::Attention(Attention { heads }),
        linear(weights, &format!("{name}.attn.proj"), [channels, channels], scale(format!("{name}.ls1"))?)?,
    ];
    let inner = EXPANSION * channels;
    let perceptron = vec![
        norm(weights, &format!("{name}.norm2"), channels)?,
        linear(weights, &format!("{name}.mlp.fc1"), [inner, channels], None)?,
        Layer::Gelu,
        linear(weights, &format!("{name}.mlp.fc2"), [channels, inner], scale(format!("{name}.ls2"))?)?,
    ];
    Ok([attention, perceptron].map(|branch| Layer::Residual(Residual::new(branch, Vec::new(), Activation::None))))
}

/// A fully connected layer for every token, with a scale for every output folded in.
pub(crate) fn linear(
    weights: &dyn Tensors,
    name: &str,
    [outputs, inputs]: [usize; 2],
    scale: Option<Vec<f32>>,
) -> Result<Layer, ModelError> {
    let mut filters = weights.factors(&format!("{name}.weight"), &[outputs, inputs])?;
    let mut bias = weights.get(&format!("{name}.bias"), &[outputs])?;
    let scale = scale.filter(|_| !weights.is_shape_only());
    for ((filter, bias), scale) in filters.chunks_exact_mut(inputs).zip(&mut bias).zip(scale.iter().flatten()) {
        filter.iter_mut().for_each(|value| *value *= scale);
        *bias *= scale;
    }
    Ok(pointwise(filters, bias, inputs))
}

/// A convolution of one pixel.
fn pointwise(filters: Vec<f32>, bias: Vec<f32>, inputs: usize) -> Layer {
    Layer::Conv2d(Conv2d::new(filters, bias, inputs, 1, 1, Padding::Symmetric(0), Activation::None))
}

/// A layer normalisation over channels.
pub(crate) fn norm(weights: &dyn Tensors, name: &str, channels: usize) -> Result<Layer, ModelError> {
    let weight = weights.get(&format!("{name}.weight"), &[channels])?;
    let bias = weights.get(&format!("{name}.bias"), &[channels])?;
    Ok(Layer::LayerNorm(LayerNorm { weight, bias, epsilon: EPSILON }))
}
