//! Writes descriptions layer by layer.

use super::arguments::Asked;
use std::fmt::{Display, Write as _};

/// A description in the making. A name that begins with `_` stands for Keras's automatic one, which depends on what the
/// file describes above.
pub(super) struct Writer {
    text: String,
    last: String,
    unnamed: usize,
}

impl Writer {
    /// Begins with the input.
    pub(super) fn new(asked: &Asked) -> Self {
        let (height, width, channels) = asked.sizes;
        Self {
            text: format!("model application {{\n    Input(shape=({height}, {width}, {channels}))\n"),
            last: "input".to_owned(),
            unnamed: 0,
        }
    }

    /// The layer that the next one takes.
    pub(super) fn last(&self) -> String {
        self.last.clone()
    }

    /// Has the next layer take this one.
    pub(super) fn from(&mut self, layer: &str) -> &mut Self {
        layer.clone_into(&mut self.last);
        self
    }

    /// A layer that takes the last one.
    pub(super) fn layer(&mut self, name: impl Display, call: impl Display) -> &mut Self {
        let _ = writeln!(self.text, "    {name} = {call}({})", self.last);
        self.last = name.to_string();
        self
    }

    /// A layer with an automatic name that takes the last one.
    pub(super) fn unnamed(&mut self, call: impl Display) -> &mut Self {
        self.unnamed += 1;
        self.layer(format!("_{}", self.unnamed), call)
    }

    /// A layer that takes two.
    pub(super) fn merge(&mut self, name: Option<&str>, call: &str, first: &str, second: &str) -> &mut Self {
        self.last = format!("[{first}, {second}]");
        match name {
            Some(name) => self.layer(name, call),
            None => self.unnamed(call),
        }
    }

    /// The classes, or the pooling that is asked for.
    pub(super) fn end(&mut self, asked: &Asked, pool: Option<&str>) {
        if asked.include_top {
            self.pool(Some("avg"), pool);
            self.classify(asked);
        } else {
            self.pool(asked.pooling, pool);
        }
    }

    /// The dense layer over the classes.
    pub(super) fn classify(&mut self, asked: &Asked) {
        let (classes, activation) = (asked.classes, asked.classifier_activation);
        self.layer("predictions", format!("Dense({classes}, activation=\"{activation}\")"));
    }

    /// A global pooling, called `avg_pool` or `max_pool` where `named`.
    pub(super) fn pool(&mut self, which: Option<&str>, named: Option<&str>) {
        let class = match which {
            Some("avg") => "GlobalAveragePooling2D()",
            Some(_) => "GlobalMaxPooling2D()",
            None => return,
        };
        match named {
            Some(stem) => self.layer(format!("{}_{stem}", which.unwrap_or_default()), class),
            None => self.unnamed(class),
        };
    }

    /// The whole description.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("}\n");
        self.text
    }
}
