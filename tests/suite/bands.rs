//! Pictures of other bands than red, green and blue: files that other programs wrote are read as these meant them, networks
//! of as many channels are explained by every method, and a picture of other channels is refused in a sentence.

use std::{fs, path::PathBuf, process::Command};

use candle_core::{Device, Tensor};
use igoscope::{
    app::Options,
    explain::{Control, LOADED_MAP, OcclusionParameters, Subject, methods},
    imaging::{Bands, Crop, CropMode, Origin, Photo, PhotoError, Region, Size},
    model::{Classifier, GraphGuess, ModelChoice, Said, Target},
    worker::HostOptions,
};
use image::{Rgb, RgbImage};

use crate::{
    common::{
        driver::{Window, app, is_idle, log, shows, wait, window},
        model, path, quick, sample,
    },
    models_in_window::drop_files,
    onnx::hosted,
};

const SIZE: Size = Size { width: 11, height: 7 };

/// As `numbers` in tests/fixtures/bands.py.
fn number(band: usize, y: usize, x: usize) -> f64 {
    ((band * 9773 + y * 1310 + x * 291) % 65536) as f64
}

fn file(name: &str) -> PathBuf {
    path(&format!("tests/fixtures/bands/{name}"))
}

fn network(name: &str) -> Box<dyn Classifier> {
    hosted(&path(&format!("tests/fixtures/onnx/{name}.onnx")), &Said::default(), None).unwrap()
}

fn word(number: f64) -> f64 {
    number / 65535.0
}

fn byte(number: f64) -> f64 {
    (number % 256.0) / 255.0
}

fn float(number: f64) -> f64 {
    number / 1000.0 - 20.0
}

#[test]
fn files_are_read_as_numpy_and_tifffile_wrote_them() {
    let signed = |number: f64| (number - 32768.0) / 32767.0;
    for (name, count, value) in [
        ("first.npy", 4, float as fn(f64) -> f64),
        ("last.npy", 4, word),
        ("signed.npy", 2, signed),
        ("chunky.tif", 4, word),
        ("planar.tif", 5, float),
        ("tiles.tif", 6, byte),
        ("big_endian.tif", 2, word),
        ("near_infrared.tif", 4, byte),
        ("near_infrared_planes.tif", 5, byte),
    ] {
        let photo = Photo::open(&file(name)).unwrap();
        let bands = photo.bands.as_ref().unwrap();
        assert_eq!((bands.count(), bands.size(), photo.image.dimensions()), (count, SIZE, (11, 7)), "{name}");
        for (band, plane) in bands.planes().enumerate() {
            for (place, found) in plane.iter().enumerate() {
                let wanted = value(number(band, place / SIZE.width, place % SIZE.width));
                assert!((f64::from(*found) - wanted).abs() < 1e-5 * wanted.abs().max(1.0), "{name}: {found} {wanted}");
            }
        }
    }
    // A quarter turn to the right.
    let turned = Photo::open(&file("turned.tif")).unwrap();
    let bands = turned.bands.unwrap();
    assert_eq!((bands.size(), turned.image.dimensions()), (Size { width: 7, height: 11 }, (7, 11)));
    let plane = bands.planes().nth(3).unwrap();
    assert!((f64::from(plane[2 * 7 + 1]) - word(number(3, 7 - 1 - 1, 2))).abs() < 1e-6);
}

#[test]
fn a_picture_in_colour_stays_one_whatever_bands_it_has_besides() {
    for name in ["near_infrared.tif", "near_infrared_planes.tif"] {
        let photo = Photo::open(&file(name)).unwrap();
        let level = |band: usize, x: u32, y: u32| (number(band, y as usize, x as usize) % 256.0) as u8;
        let expected = RgbImage::from_fn(11, 7, |x, y| Rgb([0, 1, 2].map(|band| level(band, x, y))));
        assert_eq!(photo.image, expected, "{name}");
        let whole = Photo { bands: None, ..photo.clone() };
        let [own, plain] = [&photo, &whole].map(|photo| model().spec().preprocess(photo).unwrap());
        assert_eq!(own.planar, plain.planar, "{name}");
        assert_eq!(photo.bands.as_ref().unwrap().picture(), expected, "{name}");
        // Of chosen bands it is a drawing.
        let drawn = photo.drawn_as(Some("4,1,1".parse().unwrap())).unwrap();
        let why = model().spec().preprocess(&drawn).unwrap_err().to_string();
        assert!(why.contains("takes 3 channels, and the picture has"), "{why}");
    }
}

#[test]
fn no_bytes_end_the_program() {
    let decode = |bytes: &[u8]| Photo::decode(bytes, "outside", Origin::Clipboard);
    for name in ["last.npy", "chunky.tif", "planar.tif", "tiles.tif", "near_infrared.tif"] {
        let whole = fs::read(file(name)).unwrap();
        for length in (0..whole.len()).filter(|length| *length < 400 || length % 7 == 0) {
            if let Err(error) = decode(&whole[..length]) {
                assert!(error.to_string().ends_with(": outside"), "{error}");
            }
        }
        for at in 0..whole.len().min(400) {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if let Err(error) = decode(&bytes) {
                    assert!(error.to_string().ends_with(": outside"), "{error}");
                }
            }
        }
    }
}

#[test]
fn arrays_that_are_no_pictures_are_refused_with_a_reason() {
    let array = |kind: &str, shape: &str, data: &[u8]| {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    };
    let nan: Vec<u8> = f32::NAN.to_le_bytes().repeat(8);
    for (bytes, said) in [
        (array("|u1", "3, 4", &[0; 12]), "its shape is (3,4)"),
        (array("|u1", "1, 4, 4", &[0; 16]), "2 to 16 bands"),
        (array("|u1", "17, 20, 20", &[0; 6800]), "2 to 16 bands"),
        (array("|u1", "4, 4, 4", &[0; 63]), "63 numbers"),
        (array("<c8", "2, 2, 2", &[0; 64]), "<c8"),
        (array("<f4", "2, 2, 2", &nan), "not finite"),
        (array("<f4", "2, 0, 9", &[]), "empty"),
        (array("<f4", "2, 99999, 99999", &[]), "megapixels"),
        (array("<f4", "16, 9999, 9999", &[]), "memory"),
    ] {
        let error = Photo::decode(&bytes, "outside", Origin::Clipboard).unwrap_err();
        assert!(error.to_string().contains(said), "{error} does not say {said}");
    }
}

/// Something to see in every band, each in another unit.
fn scenery() -> Photo {
    let size = Size { width: 61, height: 48 };
    let value = |band: usize, place: usize| {
        let (x, y) = ((place % size.width) as f32, (place / size.width) as f32);
        let away = (x - 20.0 - 5.0 * band as f32).powi(2) + (y - 24.0).powi(2);
        (-away / 90.0).exp() * 2.0 + (x * 0.3 + band as f32).sin() * 0.3
    };
    let values = (0..4).flat_map(|band| (0..size.area()).map(move |place| value(band, place))).collect();
    Photo::of_bands(Bands::new(size, values, false).unwrap(), "scenery", Origin::Clipboard)
}

#[test]
fn every_method_explains_a_network_of_four_channels() {
    let network = network("bands");
    let spec = network.spec();
    assert_eq!((spec.channels(), spec.input_len()), (4, 4 * 32 * 32));
    assert_eq!((spec.normalisation.mean, spec.normalisation.std), ([0.0; 4].into(), [1.0; 4].into()));
    let guess = spec.graph_guess(GraphGuess::Normalisation).unwrap();
    assert!(guess.contains("taken as they are"), "{guess}");
    let input = spec.preprocess(&scenery()).unwrap();
    assert_eq!(input.image_from(&input.planar), input.crop.image, "it is drawn as it was");
    let subject = Subject { classifier: network.as_ref(), input: &input, target: Target::probability(2) };
    let mut parameters = quick(2);
    parameters.edit(|own: &mut OcclusionParameters| (own.window, own.stride) = (8, 8));
    let mut explained = 0;
    for method in methods().iter().filter(|method| ***method != LOADED_MAP) {
        match method.explain(&subject, &parameters, &Control::default(), &mut |_| {}) {
            Ok(explanation) => {
                let values = &explanation.saliency.values;
                let (first, is_found) = (values[0], explanation.nothing.is_none());
                assert!(values.iter().all(|value| value.is_finite()), "{method}");
                assert!(!is_found || values.iter().any(|value| *value != first), "{method} is the same everywhere");
                explained += usize::from(is_found);
            }
            Err(error) => assert!(error.to_string().contains("attention"), "{method}: {error}"),
        }
    }
    assert!(explained >= 20, "{explained}");
}

#[test]
fn bars_are_the_mean_of_every_band() {
    let said = igoscope::imaging::Normalisation { mean: [0.5, -1.0, 2.0, 7.0].into(), std: [0.5].into() };
    let said = Said { normalisation: Some(said), ..Said::default() };
    let network = hosted(&path("tests/fixtures/onnx/bands.onnx"), &said, None).unwrap();
    let input = network.spec().preprocess_as(&scenery(), CropMode::Letterbox).unwrap();
    let planes = input.planar.chunks_exact(32 * 32);
    for plane in planes {
        assert!(plane[..32].iter().all(|value| *value == 0.0) && plane[16 * 32..17 * 32].iter().any(|v| *v != 0.0));
    }
    let wrong = igoscope::imaging::Normalisation::new([0.5, 0.4, 0.3], [0.5; 3]);
    let said = Said { normalisation: Some(wrong), ..Said::default() };
    let why = hosted(&path("tests/fixtures/onnx/bands.onnx"), &said, None).err().unwrap();
    assert!(why.contains("3 numbers, and the network takes 4 channels"), "{why}");
}

#[test]
fn a_picture_of_other_channels_is_refused_in_a_sentence() {
    let (four, two) = (network("bands"), network("bands_last"));
    let picture = scenery();
    let of_four = |photo: &Photo| four.spec().preprocess(photo).unwrap_err().to_string();
    assert!(of_four(&sample("coffee")).contains("takes 4 channels, and the picture has 3: open one of 4 bands"));
    let why = two.spec().preprocess_as(&picture, CropMode::Squash).unwrap_err().to_string();
    assert!(why.contains("takes 2 channels, and the picture has 4"), "{why}");
    let why = model().spec().preprocess(&picture).unwrap_err().to_string();
    assert!(why.contains("takes 3 channels, and the picture has 4: open a picture in colour"), "{why}");
    let region = Region { x: 0.0, y: 0.0, width: 32.0, height: 32.0 };
    let crop = Crop { image: RgbImage::new(32, 32), bands: None, region };
    assert!(four.spec().input_from_crop(crop).is_err());
    let error = picture.drawn_as(Some("5".parse().unwrap())).unwrap_err();
    assert!(matches!(error, PhotoError::Bands { .. }) && error.to_string().contains("no band 5"), "{error}");
}

fn igoscope(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

/// What an array is depends on its shape, the network, and whether there is a picture for a map to lie over.
#[test]
fn an_array_is_opened_as_a_picture_and_another_is_a_map_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let host =
        HostOptions { model: ModelChoice::File(path("tests/fixtures/onnx/bands.onnx")), ..HostOptions::default() };
    let options = Options { pictures: vec![file("first.npy")], host, ..Options::default() };
    let mut window = window(options, quick(1));
    wait(&mut window, "the array is explained", is_idle);
    assert_eq!(app(&window).state().picture().unwrap().photo.channels(), 4);
    assert!(app(&window).state().shown().unwrap().seen.is_some() && shows(&window, "Bands"), "{}", log(&window));

    let map = folder.path().join("theirs.npy");
    let values: Vec<f32> = (0..63).map(|value| value as f32).collect();
    let values = Tensor::from_vec(values, (7, 9), &Device::Cpu).unwrap();
    values.write_npy(&map).unwrap();
    drop_files(&mut window, &[&map]);
    let is_drawn = |window: &Window| {
        let run = app(window).state().shown();
        is_idle(window)
            && run.is_some_and(|run| run.method(&LOADED_MAP).is_some_and(|known| known.explanation.is_some()))
    };
    wait(&mut window, "the map is a tile", is_drawn);

    // As many bands as the network takes: another picture.
    drop_files(&mut window, &[&file("last.npy")]);
    wait(&mut window, "the other array is a picture", |window| {
        is_idle(window) && app(window).state().picture().is_some_and(|picture| picture.photo.name == "last")
    });
}

#[test]
fn a_run_is_done_again_and_a_folder_is_evaluated_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let weights = "tests/fixtures/onnx/bands.onnx";
    let explain = ["explain", "--weights", weights, "--method", "gradient,smooth-grad", "--random-orders", "0"];
    let asked = ["tests/fixtures/bands/first.npy", "--bands", "4,3,2", "--crop", "squash", "--out", &at("one")];
    let (is_done, said) = igoscope(&[&explain[..], &asked].concat());
    assert!(is_done, "{said}");
    let record = at("one/first/run.json");
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
    assert_eq!((&json["bands"], json["preprocessing"]["mean"].as_array().unwrap().len()), (&"4,3,2".into(), 4));
    let (is_done, said) = igoscope(&["explain", "--config", &record, "--out", &at("two")]);
    assert!(is_done, "{said}");
    for name in ["gradient.saliency.npy", "smooth-grad.saliency.npy", "gradient.overlay.png"] {
        let [one, two] = ["one", "two"].map(|run| fs::read(at(&format!("{run}/first/{name}"))).unwrap());
        assert!(one == two, "{name}");
    }
    let (is_done, said) = igoscope(&[&explain[..], &["assets/samples/coffee.jpg"]].concat());
    assert!(!is_done && said.contains("takes 4 channels, and the picture has 3"), "{said}");
    let (is_done, said) = igoscope(&["explain", "tests/fixtures/bands/first.npy", "--method", "gradient"]);
    assert!(!is_done && said.contains("takes 3 channels, and the picture has 4"), "{said}");

    fs::create_dir(at("pictures")).unwrap();
    fs::copy(file("chunky.tif"), at("pictures/a.tif")).unwrap();
    fs::copy(path("assets/samples/coffee.jpg"), at("pictures/b.jpg")).unwrap();
    let evaluate = ["evaluate", "--weights", weights, "--method", "gradient", "--random-orders", "0"];
    let (is_done, said) = igoscope(&[&evaluate[..], &[&at("pictures"), "--out", &at("results")]].concat());
    assert!(is_done && said.contains("takes 4 channels, and the picture has 3"), "{said}");
    let report = fs::read_to_string(at("results/report.html")).unwrap();
    assert!(report.contains("a.tif"));
}
