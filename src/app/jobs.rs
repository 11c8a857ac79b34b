//! Work that could make the window wait, each on a thread of its own; what comes of it arrives by a channel.

use std::{path::PathBuf, thread};

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;
use image::RgbImage;

use super::preview::Preview;
use crate::worker::Source;

/// What came of a job.
#[derive(Debug)]
pub enum Outcome {
    /// The dialog for pictures was closed, with what was chosen.
    Picked(Vec<PathBuf>),
    /// The dialog for a folder was closed, with what was chosen.
    Folder(Option<PathBuf>),
    /// Paths were looked at.
    Gathered {
        /// The pictures they lead to.
        sources: Vec<Source>,
        /// What was left out.
        remarks: Vec<String>,
    },
    /// These of the files that were opened last are not there any more.
    Missing(Vec<PathBuf>),
    /// The clipboard was read.
    Pasted(Vec<Source>),
    /// A run was saved in this folder.
    Saved(PathBuf),
    /// The samples, small.
    Samples(Vec<RgbImage>),
    /// A picture at the size of the wall.
    Preview(Box<Preview>),
    /// It could not be done, for this reason.
    Failed(String),
}

/// Starts jobs and collects what comes of them.
#[derive(Debug)]
pub struct Jobs {
    ctx: Context,
    sender: Sender<Outcome>,
    receiver: Receiver<Outcome>,
}

impl Jobs {
    /// `ctx` is asked to repaint when a job is done.
    pub fn new(ctx: Context) -> Self {
        let (sender, receiver) = unbounded();
        Self { ctx, sender, receiver }
    }

    /// Does `job` on a thread called `name`.
    pub fn start(&self, name: &str, job: impl FnOnce() -> Outcome + Send + 'static) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let body = move || {
            // The window may be gone by the time the job is done; then nobody waits for the outcome.
            let _ = sender.send(job());
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(body) {
            let _ = self.sender.send(Outcome::Failed(format!("no thread can be started: {error}")));
        }
    }

    /// What came of jobs since the last call.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.receiver.try_iter().collect()
    }
}
