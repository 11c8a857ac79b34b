//! What must be known of a hosted model besides its layers.

use std::{iter, ops::RangeInclusive, sync::Arc};

use image::{Rgb, RgbImage};

use crate::imaging::{Bands, Crop, CropError, CropMode, CropRule, Normalisation, Photo, Size};

use super::{
    Architecture, Head, HeadSource, ModelError, Score, Target,
    files::{graph_facts::GraphFacts, labels::Labels},
};

/// A hosted model as a user and a method know it.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSpec {
    /// Name in flags and JSON.
    pub name: String,
    /// Name on screen.
    pub title: String,
    /// How a photo becomes what the model sees.
    pub crop: CropRule,
    /// For pictures of which other sizes it could be hosted.
    pub sizes: Sizes,
    /// How its pixels become the model's numbers.
    pub normalisation: Normalisation,
    /// What its outputs mean.
    pub head: Head,
    /// Who says so.
    pub head_source: HeadSource,
    /// The classes.
    pub labels: Arc<Labels>,
    /// The layer whose features Grad-CAM reads.
    pub feature_layer: String,
    /// Name of the architecture in JSON.
    pub architecture: String,
    /// Where the weights come from: “embedded”, a file, or a repository of the hub.
    pub origin: String,
    /// SHA-256 of the file of weights, in hexadecimal, if they come from one.
    pub sha256: Option<String>,
    /// Heads of its attention, if it has some.
    pub heads: Option<usize>,
    /// Which state dict of the file of weights it is, if that has several.
    pub state_dicts: Option<StateDicts>,
    /// What was understood of it, if it is a graph from a file.
    pub graph: Option<Arc<GraphFacts>>,
    /// What nobody said of it.
    pub guesses: Guesses,
}

/// The state dicts of a file that has several of one network, such as the weights and their moving average, by the names
/// that lead to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDicts {
    /// The one that was taken.
    pub taken: String,
    /// The others, in the order of their names.
    pub others: Vec<String>,
}

impl StateDicts {
    /// All names, first that of the one that was taken.
    pub fn names(&self) -> Vec<&str> {
        iter::once(&self.taken).chain(&self.others).map(String::as_str).collect()
    }
}

/// What neither a file nor a user said of a model: it may be another one, which would answer otherwise.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Guesses {
    /// Other architectures that the weights fit just as well.
    pub twins: Vec<Architecture>,
    /// timm's names of networks that they would fit as well, but that igoscope does not host.
    pub lookalikes: Vec<&'static str>,
    /// Whether the number of heads is that of its kind: no tensor tells.
    pub heads: bool,
    /// Whether its activation and ε are those of its kind: transformers, whose weights they are, says them in a
    /// `config.json` that is not beside them.
    pub settings: bool,
    /// Whether of several state dicts the one was taken that timm takes.
    pub state_dict: bool,
    /// Whether nothing says how pictures become its numbers, so that they are taken to be as for ImageNet.
    pub normalisation: bool,
    /// Whether nothing says which size of pictures it was made for.
    pub size: bool,
    /// The output of a graph with several that was taken for the classes.
    pub output: Option<String>,
    /// The others.
    pub other_outputs: Vec<String>,
}

impl Guesses {
    /// Whether the architecture is one of several.
    pub fn is_of_architecture(&self) -> bool {
        !self.twins.is_empty() || !self.lookalikes.is_empty()
    }

    /// Whether the user is to choose among several that answer otherwise: architectures or state dicts.
    pub fn leave_a_choice(&self) -> bool {
        self.is_of_architecture() || self.state_dict
    }

    /// Names of the other networks that it may be.
    pub fn others(&self) -> Vec<&'static str> {
        self.twins.iter().map(|twin| twin.name()).chain(self.lookalikes.iter().copied()).collect()
    }
}

/// What can be a guess about a network that is a graph from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphGuess {
    /// How pixels become its numbers.
    Normalisation,
    /// Which size of pictures it was made for.
    Size,
    /// Which of its outputs is the classes.
    Output,
}

impl GraphGuess {
    /// Each.
    pub const ALL: [Self; 3] = [Self::Normalisation, Self::Size, Self::Output];

    /// What says otherwise, at the end of a sentence.
    fn remedy(self) -> &'static str {
        match self {
            Self::Normalisation => ", and `mean` and `std` in a manifest beside the file say otherwise",
            Self::Size => ", and `input_size` in a manifest beside the file says otherwise",
            Self::Output => "",
        }
    }
}

/// The sizes of the pictures that a model can be hosted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// Its own, which it was trained for.
    pub own: Size,
    /// How long either side of another may be, in pixels, if its layers take any.
    pub others: Option<RangeInclusive<usize>>,
}

impl Sizes {
    /// Its own and no others.
    pub fn only(own: Size) -> Self {
        Self { own, others: None }
    }

    /// Why it cannot be hosted for pictures of a size, and what it can take; none if it can.
    pub fn refusal(&self, size: Size) -> Option<String> {
        match &self.others {
            _ if size == self.own => None,
            None => Some(format!("its last layers are made for {}", self.own)),
            Some(others) if others.contains(&size.width) && others.contains(&size.height) => None,
            Some(others) => Some(format!("choose a side from {} to {}", others.start(), others.end())),
        }
    }
}

/// What the model sees of a photo.
#[derive(Debug, Clone)]
pub struct Input {
    /// `[channels, height, width]`, normalised.
    pub planar: Vec<f32>,
    /// Width and height.
    pub size: Size,
    /// The same as a picture, and where in the photo it was cut.
    pub crop: Crop,
    /// How pixels become the numbers in `planar`.
    pub normalisation: Normalisation,
}

impl Input {
    /// The picture of other numbers of the same kind and number, `[channels, height, width]`.
    pub fn image_from(&self, planar: &[f32]) -> RgbImage {
        match &self.crop.bands {
            Some(bands) => self.normalisation.draw(bands.drawing(), planar, self.size),
            None => self.normalisation.image_from_planar(planar, self.size),
        }
    }
}

impl ModelSpec {
    /// That the architecture is a guess among several that answer otherwise, if it is one.
    pub fn guess(&self) -> Option<String> {
        let Guesses { twins, lookalikes, .. } = &self.guesses;
        let others: Vec<&str> = twins.iter().map(|twin| twin.title()).chain(lookalikes.iter().copied()).collect();
        let own = Architecture::named(&self.architecture)?.title();
        (!others.is_empty()).then(|| {
            format!(
                "the weights {} are taken for {own}, but their tensors fit {} as well, which would answer otherwise",
                self.name,
                others.join(" and ")
            )
        })
    }

    /// That what its outputs mean is a guess, if it is one.
    pub fn head_guess(&self) -> Option<String> {
        (self.head_source == HeadSource::Guess).then(|| {
            format!(
                "nobody says what the one output of {} means: it is taken for the logit of “{}” rather than “{}”",
                self.title,
                self.labels.name(1),
                self.labels.name(0)
            )
        })
    }

    /// Whether anything that it answers by is a guess among several.
    pub fn is_guess(&self) -> bool {
        self.guesses.leave_a_choice()
            || self.head_source == HeadSource::Guess
            || GraphGuess::ALL.into_iter().any(|guess| self.graph_guess(guess).is_some())
    }

    /// That the state dict is one of several that nobody chose among, if it is.
    pub fn state_dict_guess(&self) -> Option<String> {
        let StateDicts { taken, others } = self.state_dicts.as_ref().filter(|_| self.guesses.state_dict)?;
        Some(format!(
            "the weights {} are the state dict {taken}, which is taken first, and {} is in the same file",
            self.name,
            others.join(" and ")
        ))
    }

    /// That nothing says how many heads its attention has, if nothing does.
    pub fn heads_guess(&self) -> Option<String> {
        let heads = self.heads.filter(|_| self.guesses.heads)?;
        Some(format!("its attention is taken to have {heads} heads"))
    }

    /// That nothing says which activation and ε it was made with, if nothing does.
    pub fn settings_guess(&self) -> Option<String> {
        let own = Architecture::named(&self.architecture).filter(|_| self.guesses.settings)?.title();
        Some(format!(
            "its activation and ε are taken to be {own}'s: transformers says them in config.json, which is not beside \
             the weights"
        ))
    }

    /// What was understood of it, if it is a graph from a file.
    pub fn graph(&self) -> Option<&GraphFacts> {
        self.graph.as_deref()
    }

    /// That something about a network that is a graph from a file is a guess, if it is one.
    pub fn graph_guess(&self, guess: GraphGuess) -> Option<String> {
        let Guesses { normalisation, size, output, other_outputs, .. } = &self.guesses;
        let (title, own) = (&self.title, self.sizes.own);
        match guess {
            GraphGuess::Normalisation => normalisation.then(|| {
                let taken = match self.channels() {
                    3 => "they are normalised by ImageNet's mean and deviation",
                    _ => "the values of their bands are taken as they are",
                };
                format!("nothing says how {title} is shown pictures: {taken}")
            }),
            GraphGuess::Size => {
                size.then(|| format!("nothing says which size of pictures {title} was made for: {own} is taken"))
            }
            GraphGuess::Output => output.as_ref().map(|output| {
                format!(
                    "{title} has several outputs: “{output}” is taken for the classes, and not {}",
                    other_outputs.join(" or ")
                )
            }),
        }
    }

    /// What nobody says of a network that is a graph from a file, each in a sentence, with what says otherwise.
    pub fn graph_guesses(&self) -> Vec<String> {
        let with_remedy = |guess: GraphGuess| Some(self.graph_guess(guess)? + guess.remedy());
        GraphGuess::ALL.into_iter().filter_map(with_remedy).collect()
    }

    /// Width and height of the input.
    pub fn size(&self) -> Size {
        self.crop.crop
    }

    /// The shorter side of the input in pixels: what parameters may be at most depends on it.
    pub fn side(&self) -> usize {
        self.size().shorter()
    }

    /// How many numbers an input has.
    pub fn input_len(&self) -> usize {
        self.channels() * self.size().area()
    }

    /// Channels of an input: red, green and blue, or the bands of pictures that have others.
    pub fn channels(&self) -> usize {
        self.normalisation.channels()
    }

    /// Width and height of the input, if they are others than the model's own.
    pub fn other_size(&self) -> Option<Size> {
        Some(self.size()).filter(|size| *size != self.sizes.own)
    }

    /// Width and height of the input, if the user asked for them: they are others than the model's own, or nothing else
    /// says which are its own.
    pub fn asked_size(&self) -> Option<Size> {
        self.other_size().or(self.graph().and_then(|graph| graph.asked_size))
    }

    /// Whether the model has a class of this number.
    ///
    /// # Errors
    /// [`ModelError::NoSuchClass`] if not.
    pub fn check_class(&self, class: usize) -> Result<(), ModelError> {
        let classes = self.labels.len();
        if class < classes { Ok(()) } else { Err(ModelError::NoSuchClass { class, classes }) }
    }

    /// Whether this score of its classes can be explained.
    ///
    /// # Errors
    /// [`ModelError::NoSuchScore`] if not.
    pub fn check_score(&self, score: Score) -> Result<(), ModelError> {
        let head = self.head;
        let refusal = || ModelError::NoSuchScore { model: self.title.clone(), score, head };
        if head.scores().contains(&score) { Ok(()) } else { Err(refusal()) }
    }

    /// Whether the model can be asked about this target.
    ///
    /// # Errors
    /// [`ModelError::NoSuchClass`], [`ModelError::SameClass`] or [`ModelError::NoSuchScore`] if not.
    pub fn check_target(&self, target: Target) -> Result<(), ModelError> {
        self.check_score(target.score)?;
        self.check_class(target.class)?;
        match target.against {
            Some(against) if against == target.class => Err(ModelError::SameClass { class: against }),
            Some(against) => self.check_class(against),
            None => Ok(()),
        }
    }

    /// Whether the model can be shown a photo: as many channels as it takes.
    ///
    /// # Errors
    /// [`InputError::Channels`] if not.
    pub fn check_photo(&self, photo: &Photo) -> Result<(), InputError> {
        let (takes, has) = (self.channels(), photo.channels());
        let is_in_colour = photo.bands.as_ref().is_none_or(Bands::are_colours);
        if takes == has || takes == 3 && is_in_colour {
            Ok(())
        } else {
            Err(InputError::Channels { model: self.title.clone(), takes, has })
        }
    }

    /// Cuts a photo as the model's makers do, and normalises it.
    ///
    /// # Errors
    /// The model takes other channels than the photo has.
    pub fn preprocess(&self, photo: &Photo) -> Result<Input, InputError> {
        self.check_photo(photo)?;
        Ok(self.cut(photo, CropMode::Center, Rgb([0; 3])))
    }

    /// Cuts a photo as the user wants it, and normalises it; what lies beyond the photo is the model's mean colour.
    ///
    /// # Errors
    /// The photo has no such region, or the model takes other channels than it has.
    pub fn preprocess_as(&self, photo: &Photo, mode: CropMode) -> Result<Input, InputError> {
        self.check_photo(photo)?;
        mode.check(photo.width(), photo.height())?;
        Ok(self.cut(photo, mode, self.normalisation.mean_color()))
    }

    /// The bands of a photo, if it is those that the model is shown.
    fn bands_of<'a>(&self, photo: &'a Photo) -> Option<&'a Bands> {
        photo.bands.as_ref().filter(|bands| bands.count() == self.channels())
    }

    /// The colour of the bars beside a photo that does not fill its crop: the model's mean, as the photo is drawn.
    pub fn bar_color(&self, photo: &Photo) -> Rgb<u8> {
        let drawn = self.bands_of(photo).map(|bands| {
            let bar = bands.drawing().picture(&self.normalisation.mean, Size::square(1));
            *bar.get_pixel(0, 0)
        });
        drawn.unwrap_or_else(|| self.normalisation.mean_color())
    }

    fn cut(&self, photo: &Photo, mode: CropMode, bars: Rgb<u8>) -> Input {
        self.input_of(match self.bands_of(photo) {
            Some(bands) => self.crop.cut_bands(bands, mode, &self.normalisation.mean),
            None => self.crop.cut(&photo.image, mode, bars),
        })
    }

    /// Normalises what was cut already.
    ///
    /// # Errors
    /// The model takes other channels than it has.
    pub fn input_from_crop(&self, crop: Crop) -> Result<Input, InputError> {
        let (takes, has) = (self.channels(), crop.bands.as_ref().map_or(3, Bands::count));
        if takes == has {
            Ok(self.input_of(crop))
        } else {
            Err(InputError::Channels { model: self.title.clone(), takes, has })
        }
    }

    fn input_of(&self, crop: Crop) -> Input {
        let normalisation = self.normalisation;
        let planar = match &crop.bands {
            Some(bands) => normalisation.planar_from_bands(bands),
            None => normalisation.planar_from_image(&crop.image),
        };
        let (width, height) = crop.image.dimensions();
        Input { planar, size: Size { width: width as usize, height: height as usize }, crop, normalisation }
    }
}

/// Why a model cannot be shown a photo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The photo has no such crop.
    #[error(transparent)]
    Crop(#[from] CropError),
    /// The model takes other channels than the photo has.
    #[error("{model} takes {takes} channels, and the picture has {has}: {}", channels_remedy(*takes))]
    Channels {
        /// The model.
        model: String,
        /// Channels that it takes.
        takes: usize,
        /// Channels of the photo.
        has: usize,
    },
}

fn channels_remedy(takes: usize) -> String {
    if takes == 3 {
        "open a picture in colour, or save the three bands that the model was trained on".to_owned()
    } else {
        format!("open one of {takes} bands, a TIFF or an array of NumPy's (.npy)")
    }
}
