//! Draws what egui asks for without a graphics card, the same on every machine: meshes of triangles, pixel by pixel.

use std::collections::HashMap;

use egui::{
    Color32, ColorImage, Context, FullOutput, ImageData, Mesh, Pos2, Rect, TextureFilter, TextureId, TextureOptions,
    TexturesDelta,
    epaint::{ClippedPrimitive, ImageDelta, Primitive, Vertex},
};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// A renderer with its textures.
#[derive(Default)]
pub struct Raster {
    textures: HashMap<TextureId, (ColorImage, TextureOptions)>,
}

impl TestRenderer for Raster {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                self.change(id, change);
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = ctx.content_rect().size() * scale;
        let mut canvas = Canvas::new(size.x.round() as usize, size.y.round() as usize);
        for ClippedPrimitive { clip_rect, primitive } in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = primitive else { return Err("a callback cannot be drawn".to_owned()) };
            let (texture, options) = self.textures.get(&mesh.texture_id).ok_or("a texture was never set")?;
            canvas.mesh(&mesh, clip_rect * scale, scale, &Sampler { texture, filter: options.magnification });
        }
        let bytes = canvas.pixels.iter().flat_map(|color| color.to_array()).collect();
        RgbaImage::from_raw(canvas.width as u32, canvas.height as u32, bytes)
            .ok_or("the picture has no size".to_owned())
    }
}

impl Raster {
    /// Sets a texture, or a part of one.
    fn change(&mut self, id: TextureId, ImageDelta { image: ImageData::Color(image), options, pos }: ImageDelta) {
        match (pos, self.textures.get_mut(&id)) {
            (Some([left, top]), Some((texture, _))) => {
                for (y, row) in image.pixels.chunks_exact(image.width()).enumerate() {
                    let start = (top + y) * texture.width() + left;
                    texture.pixels[start..start + row.len()].copy_from_slice(row);
                }
            }
            _ => {
                self.textures.insert(id, ((*image).clone(), options));
            }
        }
    }
}

/// Reads a texture.
struct Sampler<'a> {
    texture: &'a ColorImage,
    filter: TextureFilter,
}

impl Sampler<'_> {
    fn texel(&self, x: i64, y: i64) -> [f32; 4] {
        let [width, height] = self.texture.size.map(|size| size as i64);
        let index = y.clamp(0, height - 1) * width + x.clamp(0, width - 1);
        self.texture.pixels[index as usize].to_array().map(f32::from)
    }

    /// The colour at a place, in [0, 255].
    fn at(&self, u: f32, v: f32) -> [f32; 4] {
        let (x, y) = (u * self.texture.width() as f32, v * self.texture.height() as f32);
        if self.filter == TextureFilter::Nearest {
            return self.texel(x.floor() as i64, y.floor() as i64);
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right_share, low_share) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let corners = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| self.texel(left + dx, top + dy));
        std::array::from_fn(|channel| {
            let [a, b, c, d] = corners.map(|corner| corner[channel]);
            let (above, below) = (a + (b - a) * right_share, c + (d - c) * right_share);
            above + (below - above) * low_share
        })
    }
}

/// Where is drawn.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![Color32::BLACK; width * height] }
    }

    fn mesh(&mut self, mesh: &Mesh, clip: Rect, scale: f32, sampler: &Sampler<'_>) {
        let clip = clip.intersect(Rect::from_min_max(Pos2::ZERO, Pos2::new(self.width as f32, self.height as f32)));
        for corners in mesh.indices.chunks_exact(3) {
            let corner = |number: usize| mesh.vertices[corners[number] as usize];
            self.triangle([corner(0), corner(1), corner(2)], clip, scale, sampler);
        }
    }

    /// Every pixel whose middle is inside; one on an edge belongs to one of the triangles beside it.
    fn triangle(&mut self, corners: [Vertex; 3], clip: Rect, scale: f32, sampler: &Sampler<'_>) {
        let [a, mut b, mut c] = corners;
        let places = |of: Vertex| (f64::from(of.pos.x * scale), f64::from(of.pos.y * scale));
        let ((ax, ay), mut second, mut third) = (places(a), places(b), places(c));
        let mut area = (second.0 - ax) * (third.1 - ay) - (third.0 - ax) * (second.1 - ay);
        if area < 0.0 {
            (b, c, second, third, area) = (c, b, third, second, -area);
        }
        if area == 0.0 {
            return;
        }
        let ((bx, by), (cx, cy)) = (second, third);
        let range = |least: f64, most: f64, from: f32, to: f32| {
            let first = (least - 0.5).ceil().max(f64::from(from.round()));
            let end = (most + 0.5).floor().min(f64::from(to.round()));
            first.max(0.0) as usize..end.max(0.0) as usize
        };
        let columns = range(ax.min(bx).min(cx), ax.max(bx).max(cx), clip.min.x, clip.max.x);
        let rows = range(ay.min(by).min(cy), ay.max(by).max(cy), clip.min.y, clip.max.y);
        let edges = [((bx, by), (cx, cy)), ((cx, cy), (ax, ay)), ((ax, ay), (bx, by))];
        for y in rows {
            for x in columns.clone() {
                let (px, py) = (x as f64 + 0.5, y as f64 + 0.5);
                let shares = edges.map(|((x0, y0), (x1, y1))| (x1 - x0) * (py - y0) - (y1 - y0) * (px - x0));
                let is_inside = shares.iter().zip(&edges).all(|(share, ((x0, y0), (x1, y1)))| {
                    let is_top_or_left = (y0 == y1 && x1 > x0) || y1 < y0;
                    *share > 0.0 || (*share == 0.0 && is_top_or_left)
                });
                if is_inside {
                    let [of_a, of_b, of_c] = shares.map(|share| (share / area) as f32);
                    let mix = |value: fn(&Vertex) -> f32| of_a * value(&a) + of_b * value(&b) + of_c * value(&c);
                    let texel = sampler.at(mix(|v| v.uv.x), mix(|v| v.uv.y));
                    let own = [
                        mix(|v| f32::from(v.color.r())),
                        mix(|v| f32::from(v.color.g())),
                        mix(|v| f32::from(v.color.b())),
                        mix(|v| f32::from(v.color.a())),
                    ];
                    let source: [f32; 4] = std::array::from_fn(|channel| texel[channel] * own[channel] / 255.0);
                    self.blend(x, y, source);
                }
            }
        }
    }

    /// Lays a colour, multiplied by its opacity already, over a pixel.
    fn blend(&mut self, x: usize, y: usize, source: [f32; 4]) {
        let pixel = &mut self.pixels[y * self.width + x];
        let under = pixel.to_array().map(f32::from);
        let rest = 1.0 - source[3] / 255.0;
        let [r, g, b, a] = std::array::from_fn(|channel| (source[channel] + under[channel] * rest).round() as u8);
        *pixel = Color32::from_rgba_premultiplied(r, g, b, a);
    }
}
