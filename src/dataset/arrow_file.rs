//! Lines as a table in Arrow's file format.

use std::{error::Error, fs::File, path::Path, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_ipc::writer::FileWriter;

use super::{
    Head, Line, Outcome, Seen,
    tables::{COLUMNS, column},
};

/// Writes a row a line, with the columns of `pictures.csv`: metrics last.
///
/// # Errors
/// There is no room or right to write.
pub fn write(path: &Path, head: &Head, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    fn whole(values: impl Iterator<Item = Option<usize>>) -> ArrayRef {
        Arc::new(values.map(|value| value.map(|value| value as u64)).collect::<UInt64Array>())
    }
    fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
        Arc::new(values.collect::<StringArray>())
    }
    fn numbers(values: impl Iterator<Item = Option<f32>>) -> ArrayRef {
        Arc::new(values.collect::<Float32Array>())
    }
    fn flags(values: impl Iterator<Item = Option<bool>>) -> ArrayRef {
        Arc::new(values.collect::<BooleanArray>())
    }
    let seen = |of: fn(&Seen) -> Option<f32>| numbers(lines.iter().map(|line| of(line.seen.as_ref()?)));
    let class = |of: fn(&Seen) -> Option<usize>| whole(lines.iter().map(|line| of(line.seen.as_ref()?)));
    let result = |of: fn(&Outcome) -> Option<f32>| numbers(lines.iter().map(|line| of(line.result.as_ref()?)));
    let flag = |of: fn(&Outcome) -> Option<bool>| flags(lines.iter().map(|line| of(line.result.as_ref()?)));
    let columns: [ArrayRef; COLUMNS.len()] = [
        whole(lines.iter().map(|line| Some(line.index))),
        texts(lines.iter().map(|line| Some(line.picture.as_str()))),
        texts(lines.iter().map(|line| line.label.as_deref())),
        whole(lines.iter().map(|line| line.label_class)),
        texts(lines.iter().map(|line| line.error.as_deref())),
        class(|seen| Some(seen.predicted_class)),
        texts(lines.iter().map(|line| Some(line.seen.as_ref()?.predicted.as_str()))),
        seen(|seen| Some(seen.answer)),
        seen(|seen| seen.margin),
        seen(|seen| seen.label_answer),
        class(|seen| seen.label_rank),
        seen(|seen| seen.loss),
        class(|seen| Some(seen.explained_class)),
        texts(lines.iter().map(|line| Some(line.seen.as_ref()?.explained.as_str()))),
        seen(|seen| Some(seen.explained_answer)),
        texts(lines.iter().map(|line| line.method.as_deref())),
        flag(|result| Some(result.found)),
        texts(lines.iter().map(|line| line.result.as_ref()?.why.as_deref())),
        result(|result| Some(result.areas?.deletion)),
        result(|result| Some(result.areas?.insertion)),
        flag(|result| result.is_better_than_random),
        Arc::new(lines.iter().map(|line| line.result.as_ref()?.seconds).collect::<Float64Array>()),
    ];
    let measured = |metric: &String| (column(metric), numbers(lines.iter().map(|line| line.metric(metric))));
    let columns = COLUMNS.map(str::to_owned).into_iter().zip(columns).chain(head.metrics.iter().map(measured));
    let batch = RecordBatch::try_from_iter(columns)?;
    let mut writer = FileWriter::try_new(File::create(path)?, &batch.schema())?;
    writer.write(&batch)?;
    Ok(writer.finish()?)
}
