use proptest::prelude::*;

use super::{error::WeightsError, *};

/// Files of `torch.save`, made by `tests/fixtures/weights.py`.
macro_rules! pytorch_file {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/weights/", $name))
    };
}

const ZIP: &[u8] = pytorch_file!("zip.pth");
const PROTOCOL4: &[u8] = pytorch_file!("protocol4.pth");
const LEGACY: &[u8] = pytorch_file!("legacy.pth");
const CHECKPOINT: &[u8] = pytorch_file!("checkpoint.pth");
const MODULE: &[u8] = pytorch_file!("module.pth");
const EVIL: &[u8] = pytorch_file!("evil.pth");

fn open(bytes: &[u8]) -> Result<TensorFile, WeightsError> {
    TensorFile::from_bytes(bytes.to_vec())
}

fn refusal(bytes: &[u8]) -> String {
    open(bytes).err().map_or_else(|| "it was opened".to_owned(), |why| why.to_string())
}

/// The values that the script writes.
fn made(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((7 * i) % 23) as f32 / 4.0).collect()
}

/// A safetensors file with this header and so many bytes of data.
fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(vec![0; data]);
    file
}

#[test]
fn every_format_of_pytorch_gives_the_values_it_was_given() {
    for bytes in [ZIP, PROTOCOL4, LEGACY] {
        let file = open(bytes).unwrap();
        let tensor = |name: &str| (file.shape(name).unwrap().to_vec(), file.values(name).unwrap());
        assert_eq!(tensor("single"), (vec![2, 3], made(6)));
        assert_eq!(tensor("half"), (vec![5], made(5)));
        assert_eq!(tensor("brain"), (vec![5], made(5)));
        assert_eq!(tensor("double"), (vec![2, 2], made(4)));
        assert_eq!(tensor("parameter"), (vec![2, 2], made(4)));
        assert_eq!(tensor("scalar"), (vec![], made(1)));
        assert_eq!(tensor("empty"), (vec![0, 3], vec![]));
        // A 3 × 4 matrix seen from its other side, a block of 2 × 3 × 4 turned, and a window of 4 × 5.
        let whole = made(24);
        let transposed: Vec<f32> = (0..12).map(|i| whole[i % 3 * 4 + i / 3]).collect();
        assert_eq!(tensor("transposed"), (vec![4, 3], transposed));
        let permuted: Vec<f32> = (0..24).map(|i| whole[i / 3 % 2 * 12 + i % 3 * 4 + i / 6]).collect();
        assert_eq!(tensor("permuted"), (vec![4, 2, 3], permuted));
        assert_eq!(tensor("part"), (vec![2, 2], [7, 8, 12, 13].map(|i| whole[i]).to_vec()));
        assert!(file.values("number").unwrap_err().to_string().contains("floating-point"));
        assert_eq!(file.shape("nothing"), None);
    }
}

#[test]
fn tensors_are_found_in_checkpoints_and_in_whole_modules() {
    let names = |bytes| open(bytes).unwrap().shapes().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    let parts = ["conv.bias", "conv.weight", "norm.bias", "norm.num_batches_tracked", "norm.running_mean"];
    let parts: Vec<&str> = parts.into_iter().chain(["norm.running_var", "norm.weight"]).collect();
    assert_eq!(names(MODULE), parts);
    let wrapped: Vec<String> = parts.iter().map(|name| format!("state_dict.module.{name}")).collect();
    assert_eq!(names(CHECKPOINT), wrapped, "and the optimiser's are left out");
}

#[test]
fn a_pickle_that_wants_something_done_is_read_and_nothing_is_done() {
    let file = open(EVIL).unwrap();
    assert_eq!(file.values("weight").unwrap(), [1.0, 1.0]);
    assert!(
        !std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/weights/executed")).exists()
    );
}

/// Keras's two formats: what begins as HDF5, and an archive.
#[test]
fn what_keras_saves_is_told_with_the_line_that_makes_an_onnx_file_of_it() {
    let name = b"model.weights.h5";
    let mut archive = b"PK\x01\x02".to_vec();
    archive.resize(46, 0);
    archive[28] = name.len() as u8;
    archive.extend(name);
    let size = archive.len() as u8;
    archive.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    archive.extend([size, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for file in [archive.as_slice(), b"\x89HDF\r\n\x1a\n"] {
        let refusal = refusal(file);
        let line = r#"keras.models.load_model("…").export("network.onnx", format="onnx")"#;
        assert!(refusal.contains("Keras") && refusal.contains(line), "{refusal}");
    }
}

#[test]
fn what_is_no_file_of_weights_is_told_from_one_that_is_damaged() {
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"version https://git-lfs.github.com/spec/v1\n").contains("git lfs pull"));
    assert!(refusal(b"<!DOCTYPE html><html>").contains("web page"));
    assert!(refusal(b"\xff\xd8\xff\xe0 a photo").contains("neither"));
    assert!(refusal(&ZIP[..ZIP.len() / 2]).contains("cut off"));
    assert!(refusal(&LEGACY[..LEGACY.len() - 3]).contains("cut off"));
    let header = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#;
    assert_eq!(open(&safetensors(header, 16)).unwrap().values("a").unwrap(), [0.0; 4]);
    assert!(refusal(&safetensors(header, 15)).contains("cut off"));
}

/// What people take for a state dict, as PyTorch, NumPy and pickle write it.
#[test]
fn what_has_weights_without_their_names_is_told_by_what_it_is_with_the_line_of_python_that_helps() {
    let told = [
        (pytorch_file!("torchscript.pt").as_slice(), "a TorchScript program", r#"torch.jit.load("…").state_dict()"#),
        (pytorch_file!("exported.pt2"), "a program of torch.export", "a whole network"),
        (pytorch_file!("list.pth"), "a list of 2 tensors without names", "torch.save(model.state_dict()"),
        (pytorch_file!("one.pth"), "a single tensor without a name", "torch.save(model.state_dict()"),
        (pytorch_file!("arrays.pth"), "NumPy arrays", r#"in torch.load("…", weights_only=False).items()"#),
        (pytorch_file!("arrays.npz"), "NumPy arrays", r#"in numpy.load("…").items()"#),
        (pytorch_file!("arrays.npy"), "a file of NumPy", "allow_pickle=True"),
        (pytorch_file!("arrays.pkl"), "NumPy arrays", r#"in pickle.load(open("…", "rb")).items()"#),
        (pytorch_file!("state.pkl"), "written by pickle", r#"torch.save(pickle.load(open("…", "rb")), "weights.pth")"#),
        (
            pytorch_file!("object.pkl"),
            "object (__main__.Net)",
            r#"torch.save(pickle.load(open("…", "rb")).state_dict()"#,
        ),
        (pytorch_file!("object.pth"), "object (__main__.Net)", r#"weights_only=False)["model"].state_dict()"#),
        (pytorch_file!("packed.tar"), "a tar archive", "unpack it"),
    ];
    for (bytes, what, line) in told {
        let refusal = refusal(bytes);
        assert!(refusal.contains(what) && refusal.contains(line), "no “{what}” or no “{line}”: {refusal}");
    }
    // As PyTorch's exporter begins one: version 8, its own name.
    let onnx = refusal(b"\x08\x08\x12\x07pytorch\x1a\x052.7.0:\x80\x10");
    assert!(onnx.contains("an ONNX file, a whole network"), "{onnx}");
    assert!(refusal(b"\x80\x04 and no pickle").contains("written by pickle"));
}

#[test]
fn sizes_that_do_not_agree_are_refused_before_anything_is_allocated() {
    let tensor = |described: &str| safetensors(&format!("{{\"a\":{described}}}"), 16);
    for described in [
        r#"{"dtype":"F32","shape":[4],"data_offsets":[0,12]}"#,
        r#"{"dtype":"F32","shape":[4],"data_offsets":[16,0]}"#,
        r#"{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,16]}"#,
        r#"{"dtype":"F32","shape":[4],"data_offsets":[18446744073709551600,18446744073709551615]}"#,
        r#"{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,4],"data_offsets":[0,16]}"#,
        r#"{"dtype":"F99","shape":[4],"data_offsets":[0,16]}"#,
        r#"{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}"#,
        r#"{"dtype":"F32","shape":4,"data_offsets":[0,16]}"#,
    ] {
        assert!(refusal(&tensor(described)).contains("damaged"), "{described}");
    }
    let mut endless = u64::MAX.to_le_bytes().to_vec();
    endless.extend(b"{}");
    assert!(refusal(&endless).contains("claims"));
    assert!(refusal(&safetensors(&"[".repeat(100_000), 0)).contains("neither"));
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(refusal(&safetensors(&deep, 0)).contains("damaged"));
}

/// An older file whose description is `pickle`, with one storage of four values, called 0.
fn with_description(pickle: &[u8]) -> Vec<u8> {
    let mut file = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.".to_vec();
    file.extend(pickle);
    file.extend(b"\x80\x02](X\x01\0\0\x000e.\x04\0\0\0\0\0\0\0");
    file.extend([0; 16]);
    file
}

/// A dict with a tensor `t` of the storage, at `offset`, of shape and strides as pickled tuples.
fn view(offset: &[u8], shape: &[u8], strides: &[u8]) -> Vec<u8> {
    let start = b"\x80\x02}X\x01\0\0\0tctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n";
    [start, &b"X\x01\0\0\x000X\x03\0\0\0cpuK\x04NtQ"[..], offset, shape, strides, b"\x89NtRs."].concat()
}

#[test]
fn a_view_cannot_reach_beyond_its_storage() {
    let inside = with_description(&view(b"K\x00", b"K\x02K\x02\x86", b"K\x02K\x01\x86"));
    assert_eq!(open(&inside).unwrap().values("t").unwrap(), [0.0; 4]);
    for (offset, shape, strides) in [
        (&b"K\x01"[..], &b"K\x02K\x02\x86"[..], &b"K\x02K\x01\x86"[..]),
        (b"K\x00", b"K\x02K\x02\x86", b"K\x03K\x01\x86"),
        (b"K\x00", b"J\xff\xff\xff\x7fK\x01\x86", b"K\x00K\x00\x86"),
        (
            b"K\x00",
            b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x86",
            b"K\x00K\x00\x86",
        ),
        (b"K\x00", b"K\x02\x85", b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85"),
        (b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", b"K\x02\x85", b"K\x01\x85"),
        (b"K\x00", b"K\x02K\x02\x86", b"K\x01\x85"),
    ] {
        let file = with_description(&view(offset, shape, strides));
        assert!(refusal(&file).contains("“t” is damaged"), "{}", refusal(&file));
    }
}

#[test]
fn pickles_that_grow_fall_into_themselves_or_nest_without_end_are_survived() {
    // A tuple of two of the one before, thirty times over.
    let mut growing = b"\x80\x02)".to_vec();
    (0..30_u8).for_each(|_| growing.extend(b"2\x86"));
    growing.push(b'.');
    let nested = [b"\x80\x02)".to_vec(), vec![0x85; 1_000_000], b".".to_vec()].concat();
    let itself = b"\x80\x02}q\x00X\x01\0\0\0ah\x00s.".to_vec();
    // A dict of two of the one before, forty times over.
    let mut doubling = b"\x80\x02}q\x00".to_vec();
    (1..40_u8).for_each(|i| {
        doubling.extend([b"}(X\x01\0\0\0ah", &[i - 1][..], b"X\x01\0\0\0bh", &[i - 1], b"uq", &[i]].concat())
    });
    doubling.push(b'.');
    let forever = [&b"\x80\x02}"[..], &b"q\x00".repeat(3_000_000), b"."].concat();
    for pickle in [growing, nested, itself, doubling, forever] {
        assert!(open(&with_description(&pickle)).is_err());
    }
}

#[test]
fn a_tensor_serves_in_another_shape_only_where_its_values_mean_the_same() {
    let same: [(&[usize], &[usize]); 4] = [
        (&[96, 1, 1], &[96]),
        (&[1000, 512, 1, 1], &[1000, 512]),
        (&[4096, 512, 7, 7], &[4096, 25088]),
        (&[1, 197, 768], &[1, 197, 768]),
    ];
    let others: [(&[usize], &[usize]); 4] =
        [(&[96, 2, 1], &[96]), (&[1, 96], &[96]), (&[64, 3, 7, 7], &[64, 3, 49]), (&[1, 577, 768], &[1, 197, 768])];
    for (found, expected) in same {
        assert!(Weights::is_same(found, expected), "{found:?} for {expected:?}");
    }
    for (found, expected) in others {
        assert!(!Weights::is_same(found, expected), "{found:?} for {expected:?}");
    }
}

#[test]
fn what_was_compressed_is_not_unpacked() {
    let mut file = ZIP.to_vec();
    // Every record of the directory says that its member is deflated.
    let records: Vec<usize> = (0..file.len() - 4).filter(|&at| file[at..].starts_with(b"PK\x01\x02")).collect();
    assert!(!records.is_empty());
    records.into_iter().for_each(|at| file[at + 10] = 8);
    assert!(refusal(&file).contains("compressed"));
}

#[test]
fn a_value_that_is_no_number_is_found_when_its_tensor_is_read() {
    let mut file = safetensors(r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, 16);
    let last = file.len() - 4;
    file[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(open(&file).unwrap().values("a").unwrap_err().to_string().contains("finite"));
}

/// Opens a file and reads all of it, as far as it lets itself be read.
fn read_all(bytes: Vec<u8>) {
    let len = bytes.len();
    if let Ok(file) = TensorFile::from_bytes(bytes) {
        for (name, _) in file.shapes() {
            if let Ok(values) = file.values(name) {
                assert!(values.len() <= len, "{name} has more values than its file has bytes");
            }
        }
    }
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let header = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[2,2],"data_offsets":[16,24]}}"#;
    let files = [ZIP, PROTOCOL4, LEGACY, CHECKPOINT, MODULE, EVIL].map(<[u8]>::to_vec);
    prop::sample::select([files.to_vec(), vec![safetensors(header, 24)]].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_file_that_was_cut_or_changed_makes_it_panic_or_give_more_than_there_is(
        mut file in any_file(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        end in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        if cuts {
            file.truncate(end.index(file.len()));
        }
        read_all(file);
    }

    #[test]
    fn no_header_makes_it_panic_or_give_more_than_there_is(
        sizes in prop::collection::vec(prop_oneof![0..5_u64, any::<u64>()], 0..4),
        from in prop_oneof![0..40_u64, any::<u64>()],
        to in prop_oneof![0..40_u64, any::<u64>()],
        kind in prop::sample::select(vec!["F16", "BF16", "F32", "F64", "I64"]),
    ) {
        let header = format!(r#"{{"a":{{"dtype":"{kind}","shape":{sizes:?},"data_offsets":[{from},{to}]}}}}"#);
        read_all(safetensors(&header, 32));
    }

    #[test]
    fn no_pickle_makes_it_panic(pickle in prop::collection::vec(
        prop_oneof![any::<u8>(), prop::sample::select(b"()]}NKXqhtuseabRcQ.2\x81\x85\x86\x87\x94\x93".to_vec())], 0..200,
    )) {
        read_all(with_description(&pickle));
    }

    #[test]
    fn no_view_makes_it_panic(
        offset in any::<i8>(), shape in prop::collection::vec(any::<i32>(), 2), strides in prop::collection::vec(any::<i32>(), 2),
    ) {
        let number = |number: i32| [&b"J"[..], &number.to_le_bytes()].concat();
        let pair = |pair: &[i32]| [number(pair[0] % 6), number(pair[1] % 6), b"\x86".to_vec()].concat();
        read_all(with_description(&view(&number(i32::from(offset) % 8), &pair(&shape), &pair(&strides))));
    }
}
