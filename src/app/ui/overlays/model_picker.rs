//! The list of models to choose from, over the window: the keyboard searches, arrows choose, Enter hosts, Escape leaves.

use egui::{
    Align, Align2, Button, Color32, Context, Frame, Id, Key, Layout, Modal, Modifiers, ProgressBar, Rect, Response,
    RichText, Role, ScrollArea, Sense, TextEdit, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, style::ScrollAnimation,
    vec2,
};

use super::{
    class_names::{class_names_ui, has_class_names},
    errors::model_errors_ui,
    graph_facts::{self, graph_facts_ui},
    input_size::input_size_ui,
    own_choices::{choices, choices_ui},
};
use crate::{
    app::{
        numbers,
        state::{
            State,
            action::Action,
            model_list::{Kept, ModelSearch, ModelsAction, Place, Purpose, Row},
            own_model::OwnModel,
        },
        theme,
        ui::widgets::{icons::name, list_keys::ListKeys, painting, steady::steady},
    },
    model::{Entry, TOP1_SOURCE, Verified},
};

/// Widths of its columns of titles, sizes, top-1 and licences, in points; the last column has the rest.
const PICKER_COLUMNS: [f32; 4] = [190.0, 62.0, 50.0, 92.0];
/// Height of a row in the list of models, in points.
const PICKER_ROW: f32 = 24.0;
/// Least space around the list of models, in points.
const PICKER_MARGIN: f32 = 40.0;
/// Greatest width of the list of models, in points.
const PICKER_WIDTH: f32 = 780.0;
/// Rows of the list that are in sight at least, above what was understood of a graph.
const LEAST_ROWS: f32 = 3.0;
/// Rows that Page up and Page down pass over.
const PAGE: usize = 8;

/// Draws the list while it is open. Comes before everything else in a frame, so that keys are the list's.
pub fn model_picker_ui(ctx: &Context, state: &State, actions: &mut Vec<Action>) {
    if !state.models.is_open {
        return;
    }
    let escapes = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let screen = ctx.content_rect().size() - Vec2::splat(2.0 * PICKER_MARGIN);
    let frame = Frame::window(&ctx.style_of(ctx.theme())).inner_margin(theme::GAP);
    // Held at its top, so that the search stays where it is while rows come and go.
    let id = Id::unique("models");
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, PICKER_MARGIN));
    let modal = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
        ui.set_width(PICKER_WIDTH.min(screen.x));
        ui.set_max_height(screen.y);
        list_ui(ui, state, actions);
    });
    if escapes && state.models.removing.is_some() {
        actions.push(Action::Models(ModelsAction::AskToRemove(None)));
    } else if escapes || modal.should_close() {
        actions.push(Action::Models(ModelsAction::Close));
    }
}

fn list_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let purpose = match state.models.purpose {
        Purpose::Host => None,
        Purpose::Judge => Some((text!("models-judge"), text!("models-judge", "help"))),
        Purpose::Beside => Some((text!("models-beside"), text!("models-beside", "help"))),
    };
    if let Some((title, help)) = purpose {
        ui.strong(title).on_hover_text(help);
        ui.add_space(theme::SPACE);
    }
    let mut search = state.models.search.clone();
    let keys = search_ui(ui, &mut search);
    let found = search.found(state.models.own.as_ref());
    let last = found.len().saturating_sub(1);
    search.chosen = search.chosen.saturating_add_signed(keys.down).min(last);
    let chosen = search.chosen;
    if search != state.models.search {
        actions.push(Action::Models(ModelsAction::Search(search)));
    }
    if keys.enter
        && let Some(row) = found.get(chosen)
    {
        choose(*row, state, actions);
    }
    model_errors_ui(ui, state);
    if state.shown_unfetched().is_some() {
        ui.horizontal(|ui| unfetched_ui(ui, actions));
        ui.add_space(theme::SPACE);
    }
    head_ui(ui, state);
    // The last row, for files, and what is below the list stay in sight.
    let choices = choices(state);
    let graph = state.model.as_ref().filter(|_| state.models.purpose == Purpose::Host);
    let graph = graph.and_then(|model| Some((&model.spec, model.spec.graph()?)));
    let below = match graph {
        Some(_) => graph_facts::HEIGHT + 2.0 * (PICKER_ROW + theme::GAP),
        None => (3.0 + choices.len() as f32 + f32::from(has_class_names(state))) * (PICKER_ROW + theme::GAP),
    };
    let least = if graph.is_some() { LEAST_ROWS } else { 1.0 };
    let (height, room) = (found.len() as f32 * PICKER_ROW, ui.available_height() - below);
    let height = height.min(room.max(least * PICKER_ROW)).max(PICKER_ROW);
    ui.spacing_mut().item_spacing.y = 0.0;
    let scroll = ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]);
    scroll.show(ui, |ui| {
        steady(ui, "rows", |ui| {
            for (number, row) in found.iter().enumerate().filter(|(_, row)| **row != Row::File) {
                let response = row_ui(ui, *row, number == chosen, state, actions);
                if number == chosen && keys.down != 0 {
                    response.scroll_to_me_animation(None, ScrollAnimation::none());
                }
            }
        });
    });
    if found.is_empty() {
        ui.weak(text!("models-none"));
    } else if found.contains(&Row::File) {
        steady(ui, "file", |ui| row_ui(ui, Row::File, chosen == last, state, actions));
    }
    ui.add_space(theme::SPACE);
    ui.separator();
    ui.add_space(theme::SPACE);
    steady(ui, "below", |ui| match state.models.purpose {
        Purpose::Host if let Some((spec, graph)) = graph => {
            let height = ui.available_height();
            let scroll = ScrollArea::vertical().id_salt("graph").max_height(height).min_scrolled_height(height);
            scroll.auto_shrink([false, true]).show(ui, |ui| {
                if height < graph_facts::HEIGHT {
                    ui.set_width(ui.available_width() - theme::SCROLL_BAR);
                }
                graph_facts_ui(ui, state, spec, graph, actions);
            });
        }
        Purpose::Host => {
            choices_ui(ui, choices, actions);
            class_names_ui(ui, state, actions);
            input_size_ui(ui, state, actions);
        }
        Purpose::Judge | Purpose::Beside => leave_ui(ui, state, actions),
    });
}

/// Draws the buttons for a model that could not be fetched.
pub(super) fn unfetched_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    let again = ui.button(text!("models-again"));
    if again.on_hover_text(text!("models-again", "help")).clicked() {
        actions.push(Action::Models(ModelsAction::FetchAgain));
    }
    let file = ui.button(text!("models-file-instead"));
    if file.on_hover_text(text!("models-file-instead", "help")).clicked() {
        actions.push(Action::Models(ModelsAction::ChooseFileInstead));
    }
}

/// Draws which second network there is, and a button to let it go.
fn leave_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let is_judge = state.models.purpose == Purpose::Judge;
    let model = state.model.as_ref();
    let other = model.and_then(|model| if is_judge { model.judge.as_ref() } else { model.beside.as_ref() });
    let title = other.map(|other| other.spec.title.as_str());
    let (leave, words) = match (is_judge, title) {
        (true, Some(title)) => (ModelsAction::Unjudge, text!("models-judged-by", model = title)),
        (true, None) => (ModelsAction::Unjudge, text!("models-judge", "help")),
        (false, Some(title)) => (ModelsAction::Unbeside, text!("models-beside-by", model = title)),
        (false, None) => (ModelsAction::Unbeside, text!("models-beside", "help")),
    };
    ui.horizontal(|ui| {
        let button = if is_judge { text!("models-unjudge") } else { text!("models-unbeside") };
        let button = ui.add_enabled(other.is_some(), Button::new(button).small());
        if button.clicked() {
            actions.extend([leave, ModelsAction::Close].map(Action::Models));
        }
        ui.weak(words);
    });
}

/// Draws what is being looked for, and gives the keys that are for the list.
fn search_ui(ui: &mut Ui, search: &mut ModelSearch) -> ListKeys {
    let id = ui.scope_id().with("search");
    let keys = if ui.memory(|memory| memory.has_focus(id)) { ListKeys::taken(ui, PAGE) } else { ListKeys::default() };
    let before = search.text.clone();
    let edit = TextEdit::singleline(&mut search.text).id(id).hint_text(text!("models-search", "hint"));
    let edit = ui.add(edit.desired_width(f32::INFINITY));
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, text!("models-search")));
    if std::mem::take(&mut search.wants_keyboard) || ui.memory(|memory| memory.focused().is_none()) {
        edit.request_focus();
    }
    if search.text != before {
        search.chosen = 0;
    }
    keys
}

/// Hosts the model of a row, and closes the list unless it must be fetched first: then its row says how far it is.
fn choose(row: Row, state: &State, actions: &mut Vec<Action>) {
    let close = Action::Models(ModelsAction::Close);
    let take = |choice| Action::Models(ModelsAction::Take(choice));
    match (state.place_of(row), state.choice_of(row)) {
        (_, None) => actions.extend([close, Action::Models(ModelsAction::ChooseFile)]),
        (Place::InUse(_) | Place::Loading, _) => actions.push(close),
        (Place::Fetching(_) | Place::Checking, _) => {}
        // Nobody judges itself.
        (Place::InOtherUse, Some(choice)) if state.models.purpose != Purpose::Host && state.host.model == choice => {}
        (Place::Inside | Place::Here(..) | Place::InOtherUse, Some(choice)) => actions.extend([take(choice), close]),
        (Place::Part(_) | Place::Elsewhere | Place::Unknown, Some(choice)) => actions.push(take(choice)),
    }
}

/// Where the parts of a row are.
struct Columns {
    title: Rect,
    size: Rect,
    top1: Rect,
    licence: Rect,
    place: Rect,
}

impl Columns {
    fn of(row: Rect) -> Self {
        let mut left = row.shrink2(Vec2::new(theme::SPACE, 0.0));
        let mut column = |width: f32| {
            let rect = left.with_max_x((left.left() + width).min(left.right()));
            left.min.x = rect.right() + theme::GAP;
            rect
        };
        let [title, size, top1, licence] = PICKER_COLUMNS.map(&mut column);
        let place = column(f32::INFINITY);
        Self { title, size, top1, licence, place }
    }
}

/// The names of the columns.
fn head_ui(ui: &mut Ui, state: &State) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), PICKER_ROW), Sense::hover());
    let columns = Columns::of(rect);
    let weak = ui.visuals().weak_text_color();
    let hub = &state.host.hub;
    let cache = hub.cache.display().to_string();
    let kept = text!("models-place", "help", hub = hub.endpoint.as_str(), cache = cache);
    let heads = [
        (columns.title, Align2::LEFT_CENTER, text!("models-title"), String::new()),
        (columns.size, Align2::RIGHT_CENTER, text!("models-size"), text!("models-size", "help")),
        (columns.top1, Align2::RIGHT_CENTER, text!("models-top1"), text!("models-top1", "help", source = TOP1_SOURCE)),
        (columns.licence, Align2::LEFT_CENTER, text!("models-licence"), text!("models-licence", "help")),
        (columns.place, Align2::LEFT_CENTER, text!("models-place"), kept),
    ];
    for (number, (rect, align, words, help)) in heads.into_iter().enumerate() {
        painting::text(ui, rect, align, words.as_str(), TextStyle::Small, weak);
        let response = ui.interact(rect, ui.scope_id().with(("head", number)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words.as_str()));
        if !help.is_empty() {
            response.on_hover_text(help);
        }
    }
}

fn row_ui(ui: &mut Ui, row: Row, is_chosen: bool, state: &State, actions: &mut Vec<Action>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), PICKER_ROW), Sense::click());
    let place = state.place_of(row);
    let own = state.models.own.as_ref();
    let title = row.title(own);
    let kept = row.entry().and_then(|entry| state.models.kept.get(entry.name));
    let bytes = match row {
        Row::Own => own.and_then(|own| own.bytes),
        _ => kept.map(|kept| kept.about),
    };
    let size = bytes.map_or_else(String::new, numbers::megabytes);
    // Nobody knows the licence of a file; in its column stands how many classes it has.
    let licence = match own.filter(|_| row == Row::Own) {
        Some(own) => text!("models-own-classes", count = own.classes),
        None => row.licence().to_owned(),
    };
    let top1 = row.top1().map_or_else(String::new, |share| format!("{share:.1} %"));
    let words = place_words(row, place, state);

    let told = [title.clone(), size.clone(), top1.clone(), licence.clone(), words.clone()];
    let told: Vec<String> = told.into_iter().filter(|part| !part.is_empty()).collect();
    let is_used = matches!(place, Place::InUse(_));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_used, told.join(", ")));

    let visuals = ui.visuals();
    let is_pointed = is_chosen || response.hovered() || response.has_focus();
    if is_pointed {
        ui.painter().rect_filled(rect, theme::CORNER, visuals.widgets.hovered.weak_bg_fill);
    }
    if is_used {
        let mark = rect.with_max_x(rect.left() + theme::BAR);
        ui.painter().rect_filled(mark, 0.0, theme::accent(visuals));
    }
    let (strong, text, weak) = (visuals.strong_text_color(), visuals.text_color(), visuals.weak_text_color());
    let columns = Columns::of(rect);
    let title_color = if is_used { strong } else { text };
    painting::text(ui, columns.title, Align2::LEFT_CENTER, title.as_str(), TextStyle::Body, title_color);
    painting::text(ui, columns.size, Align2::RIGHT_CENTER, size, TextStyle::Body, text);
    painting::text(ui, columns.top1, Align2::RIGHT_CENTER, top1, TextStyle::Body, text);
    painting::text(ui, columns.licence, Align2::LEFT_CENTER, licence, TextStyle::Body, weak);

    let layout = Layout::right_to_left(Align::Center);
    let mut end = ui.new_child(UiBuilder::new().id_salt(title).max_rect(columns.place).layout(layout));
    if let Some(entry) = row.entry() {
        buttons_ui(&mut end, entry, place, state, actions);
    }
    let left = columns.place.with_max_x(end.min_rect().left() - theme::SPACE);
    let is_asked = row.entry().is_some() && state.models.removing == row.entry();
    if !is_asked {
        let help = help(row, place, own).filter(|_| is_pointed);
        place_ui(ui, left, place, help.as_ref().unwrap_or(&words));
    }
    if response.clicked() && !is_asked {
        choose(row, state, actions);
    }
    response
}

/// What choosing a row does, where that is more than to ask another model: said while it is pointed at, in place of
/// where it is, as a tooltip would cover the rows below.
fn help(row: Row, place: Place, own: Option<&OwnModel>) -> Option<String> {
    match (row, place) {
        (Row::Own, _) => own.map(|own| text!("models-own", "help", names = own.names.as_str(), file = own_file(own))),
        (Row::File, Place::Unknown) => {
            Some(text!("models-file", "help", weights = ".onnx, .pt2, .safetensors, .pth", manifest = ".toml"))
        }
        (_, Place::Elsewhere) => Some(text!("models-elsewhere", "help")),
        (_, Place::Part(bytes)) => Some(text!("models-part", "help", size = numbers::megabytes(bytes))),
        _ => None,
    }
}

/// Where a file of the user's own lies.
fn own_file(own: &OwnModel) -> String {
    own.weights.display().to_string()
}

/// Where a model is, in words.
fn place_words(row: Row, place: Place, state: &State) -> String {
    let own = state
        .models
        .own
        .as_ref()
        .filter(|_| row == Row::Own)
        .map(|own| own.weights.file_name().unwrap_or(own.weights.as_os_str()).to_string_lossy().into_owned());
    match place {
        Place::InUse(_) if own.is_some() => text!("models-own", file = own.unwrap_or_default()),
        Place::Here(..) if own.is_some() => own.unwrap_or_default(),
        Place::InUse(_) if row == Row::File => {
            let model = state.model.as_ref();
            let title = match state.models.purpose {
                Purpose::Host => model.map(|model| model.spec.title.as_str()),
                Purpose::Judge => model.and_then(|model| Some(model.judge.as_ref()?.spec.title.as_str())),
                Purpose::Beside => model.and_then(|model| Some(model.beside.as_ref()?.spec.title.as_str())),
            };
            text!("models-file-in-use", model = title.unwrap_or_default())
        }
        Place::InOtherUse => match state.models.purpose {
            Purpose::Host if state.host.beside == state.choice_of(row) => text!("models-stands-beside"),
            Purpose::Host => text!("models-judges"),
            Purpose::Judge | Purpose::Beside => text!("models-explained"),
        },
        Place::InUse(verified) => verified_words(text!("models-in-use"), verified),
        Place::Loading => text!("models-loading"),
        Place::Fetching(None) => text!("models-asking"),
        Place::Fetching(Some(progress)) => numbers::bytes_of(progress.done, progress.total),
        Place::Inside => text!("models-inside"),
        Place::Here(bytes, verified) => verified_words(numbers::megabytes(bytes), verified),
        Place::Checking => text!("models-checking"),
        Place::Part(bytes) => text!("models-part", size = numbers::megabytes(bytes)),
        Place::Elsewhere => text!("models-elsewhere"),
        Place::Unknown => String::new(),
    }
}

/// Where a file is, and what came of checking it.
fn verified_words(place: String, verified: Option<Verified>) -> String {
    match verified {
        None => place,
        Some(Verified::Intact) => text!("models-intact", place = place),
        Some(Verified::Damaged) => text!("models-damaged", place = place),
        Some(Verified::Unknown) => text!("models-unchecked", place = place),
    }
}

fn place_ui(ui: &mut Ui, rect: Rect, place: Place, words: &str) {
    let visuals = ui.visuals();
    let color: Color32 = match place {
        Place::Here(_, Some(Verified::Damaged)) | Place::InUse(Some(Verified::Damaged)) => theme::error_color(visuals),
        Place::InUse(_) => visuals.strong_text_color(),
        Place::Elsewhere | Place::Inside | Place::InOtherUse => visuals.weak_text_color(),
        _ => visuals.text_color(),
    };
    let mut rect = rect;
    if let Place::Fetching(Some(progress)) = place {
        let share = progress.done as f32 / progress.total as f32;
        let size = Vec2::new(theme::SAVING_WIDTH, theme::PROGRESS_HEIGHT);
        let bar = Align2::LEFT_CENTER.align_size_within_rect(size, rect);
        let fill = theme::accent(visuals);
        painting::put(ui, bar, ProgressBar::new(share).desired_width(size.x).desired_height(size.y).fill(fill));
        rect.min.x = bar.right() + theme::SPACE;
    }
    painting::text(ui, rect, Align2::LEFT_CENTER, words, TextStyle::Body, color);
}

/// What can be done with a model's file, from right to left.
fn buttons_ui(ui: &mut Ui, entry: &'static Entry, place: Place, state: &State, actions: &mut Vec<Action>) {
    let title = entry.title();
    let small = |words: String| Button::new(words).small().frame_when_inactive(false);
    if state.models.removing == Some(entry) {
        let bytes = state.models.kept.get(entry.name).map_or(0, Kept::bytes);
        let size = numbers::megabytes(bytes);
        let words = text!("models-remove-sure", size = size.as_str());
        let color = theme::error_color(ui.visuals());
        let keep = ui.add(Button::new(text!("models-keep")).small());
        name(&keep, text!("models-keep", "name", model = title));
        if keep.clicked() {
            actions.push(Action::Models(ModelsAction::AskToRemove(None)));
        }
        let remove = ui.add(Button::new(RichText::new(words).color(color)).small());
        name(&remove, text!("models-remove-sure", "name", size = size, model = title));
        if remove.clicked() {
            actions.push(Action::Models(ModelsAction::Remove(entry)));
        }
        return;
    }
    match place {
        Place::Fetching(_) => {
            let stop = ui.add(Button::new(text!("models-stop")).small());
            name(&stop, text!("models-stop", "name", model = title));
            if stop.on_hover_text(text!("fetching-stop", "help")).clicked() {
                actions.push(Action::StopFetching);
            }
        }
        Place::Here(..) | Place::InUse(_) | Place::Part(_) => {
            let remove = ui.add_enabled(state.can_remove(entry), small(text!("models-remove")));
            name(&remove, text!("models-remove", "name", model = title));
            let refusal = text!("models-remove", "refusal");
            if remove.on_hover_text(text!("models-remove", "help")).on_disabled_hover_text(refusal).clicked() {
                actions.push(Action::Models(ModelsAction::AskToRemove(Some(entry))));
            }
            if !matches!(place, Place::Part(_)) {
                let verify = ui.add(small(text!("models-verify")));
                name(&verify, text!("models-verify", "name", model = title));
                if verify.on_hover_text(text!("models-verify", "help")).clicked() {
                    actions.push(Action::Models(ModelsAction::Verify(entry)));
                }
            }
        }
        Place::Loading | Place::Inside | Place::InOtherUse | Place::Checking | Place::Elsewhere | Place::Unknown => {}
    }
}
