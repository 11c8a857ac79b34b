//! A folder of pictures in folders that are their classes, and a network of ten classes that knows them.

use std::{collections::HashMap, fs, path::Path};

use candle_core::{Device, Tensor};
use igoscope::imaging::Photo;
use image::imageops;

use super::path;

/// Of ImageNet's: among them those of the pictures.
const CLASSES: [(&str, u32); 10] = [
    ("airliner", 404),
    ("castle", 483),
    ("daisy", 985),
    ("espresso", 967),
    ("missile", 657),
    ("palace", 698),
    ("soup bowl", 809),
    ("tabby", 281),
    ("tiger cat", 282),
    ("tripod", 872),
];

/// The class folders with the sample that their pictures are cut from. One of them is mistaken on purpose.
const FOLDERS: [(&str, &str); 3] = [("espresso", "coffee"), ("tabby", "chelsea"), ("tripod", "camera")];

/// Writes the network, which is the embedded one with ten of its thousand classes, and the names of its classes.
pub fn write_network(folder: &Path) {
    let mut tensors: HashMap<String, Tensor> =
        candle_core::safetensors::load(path("assets/efficientnet-lite0.safetensors"), &Device::Cpu).unwrap();
    let rows = Tensor::new(CLASSES.map(|(_, class)| class).as_slice(), &Device::Cpu).unwrap();
    for name in ["_fc.weight", "_fc.bias"] {
        let whole = tensors[name].clone();
        tensors.insert(name.to_owned(), whole.index_select(&rows, 0).unwrap());
    }
    candle_core::safetensors::save(&tensors, folder.join("ten.safetensors")).unwrap();
    fs::write(folder.join("ten.txt"), CLASSES.map(|(name, _)| name).join("\n")).unwrap();
}

/// Writes `each` pictures into each of three class folders: parts of a sample, all different.
pub fn write_pictures(folder: &Path, each: u32) {
    for (class, stem) in FOLDERS {
        let photo = Photo::open(&path(&format!("assets/samples/{stem}.jpg"))).unwrap().image;
        let small = imageops::thumbnail(&photo, photo.width() * 300 / photo.height(), 300);
        fs::create_dir_all(folder.join(class)).unwrap();
        for number in 0..each {
            let (x, y) = (number % 5 * 8, number / 5 * 6);
            let mut part = imageops::crop_imm(&small, x, y, 240, 240).to_image();
            if number % 2 == 1 {
                imageops::flip_horizontal_in_place(&mut part);
            }
            part.save(folder.join(class).join(format!("{number:02}.png"))).unwrap();
        }
    }
}
