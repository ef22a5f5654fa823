//! Writes descriptions of applications, layer by layer.

use super::arguments::Asked;
use std::fmt::{Display, Write as _};

/// A description in the making. Names that begin with `_` stand for Keras's automatic names, which depend on the
/// layers that the file describes above.
pub(super) struct Writer {
    text: String,
    last: String,
    unnamed: usize,
}

impl Writer {
    /// Begins with an input of the sizes that were asked for.
    pub(super) fn new(asked: &Asked) -> Self {
        let (height, width, channels) = asked.sizes;
        Self {
            text: format!("model application {{\n    Input(shape=({height}, {width}, {channels}))\n"),
            last: "input".to_owned(),
            unnamed: 0,
        }
    }

    /// The name of the layer that the next one takes as its input.
    pub(super) fn last(&self) -> String {
        self.last.clone()
    }

    /// Makes `layer` the input of the next layer.
    pub(super) fn from(&mut self, layer: &str) -> &mut Self {
        layer.clone_into(&mut self.last);
        self
    }

    /// Appends a layer that takes the previous one.
    pub(super) fn layer(&mut self, name: impl Display, call: impl Display) -> &mut Self {
        let _ = writeln!(self.text, "    {name} = {call}({})", self.last);
        self.last = name.to_string();
        self
    }

    /// Appends a layer that takes the previous one and gets Keras's automatic name.
    pub(super) fn unnamed(&mut self, call: impl Display) -> &mut Self {
        self.unnamed += 1;
        self.layer(format!("_{}", self.unnamed), call)
    }

    /// Appends a layer that takes two others; it gets Keras's automatic name where `name` is None.
    pub(super) fn merge(&mut self, name: Option<&str>, call: &str, first: &str, second: &str) -> &mut Self {
        self.last = format!("[{first}, {second}]");
        match name {
            Some(name) => self.layer(name, call),
            None => self.unnamed(call),
        }
    }

    /// Appends a concatenation of several layers.
    pub(super) fn join(&mut self, name: impl Display, ends: &[String]) -> &mut Self {
        self.last = format!("[{}]", ends.join(", "));
        self.layer(name, "Concatenate()")
    }

    /// Appends the top, or the pooling that was asked for in its place. `pool` is the rest of the pooling's name, as for `pool`.
    pub(super) fn end(&mut self, asked: &Asked, pool: Option<&str>) {
        if asked.include_top {
            self.pool(Some("avg"), pool);
            self.classify(asked);
        } else {
            self.pool(asked.pooling, pool);
        }
    }

    /// Appends the dense layer over the classes.
    pub(super) fn classify(&mut self, asked: &Asked) {
        let (classes, activation) = (asked.classes, asked.classifier_activation);
        self.layer("predictions", format!("Dense({classes}, activation=\"{activation}\")"));
    }

    /// Appends a global pooling, `avg` or `max`, or nothing for None. Its name is `avg_{named}` or `max_{named}`, or
    /// automatic where `named` is None.
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

    /// Closes the description and hands its text out.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("}\n");
        self.text
    }
}
