//! A catalog with its links and names: all that pages are written from.

use std::collections::{BTreeMap, HashMap};

use super::names::Names;
use super::page::{Body, Cell, Page, Section, Span, code, joined, text};
use super::{describe, describe_other};
use crate::model::catalog::{Attribute, Catalog, Detail, Kind, Name, Object, ObjectId};
use crate::model::links::Links;
use crate::model::mask::mask;
use crate::ui::human;

pub struct Book<'a> {
    pub catalog: &'a Catalog,
    pub links: Links,
    pub names: Names,
    /// Types that somebody made, by the ways a column may name them.
    types: HashMap<String, ObjectId>,
}

/// A schema's pages, by kind.
pub struct Chapter<'p> {
    /// Empty for what lives outside schemas, and where there are none.
    pub schema: String,
    pub kinds: Vec<(Kind, Vec<&'p Page>)>,
}

impl<'a> Book<'a> {
    pub fn new(catalog: &'a Catalog) -> Self {
        let mut types = HashMap::new();
        for (id, object) in catalog.iter().filter(|(_, object)| object.kind() == Kind::Type) {
            types.insert(catalog.short(&object.name), id);
            types.insert(object.name.to_string(), id);
        }
        Book { catalog, links: Links::of(catalog), names: Names::of(catalog), types }
    }

    /// The name of the database; of a file, without its folders.
    pub fn title(&self) -> String {
        let database = &self.catalog.database;
        let file = std::path::Path::new(database).file_name();
        let name = file.map_or_else(|| database.clone(), |name| name.to_string_lossy().into_owned());
        if name.is_empty() { "Database".into() } else { name }
    }

    /// Members of an extension are told by the extension.
    pub fn has_page(&self, id: ObjectId) -> bool {
        self.catalog.get(id).extension.is_none()
    }

    /// Every object that has a page.
    pub fn pages(&self) -> impl Iterator<Item = Page> {
        self.catalog.iter().map(|(id, _)| id).filter(|id| self.has_page(*id)).map(|id| self.page(id))
    }

    /// How many objects of each kind have a page.
    pub fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for (_, object) in self.catalog.iter().filter(|(id, _)| self.has_page(*id)) {
            *counts.entry(object.kind()).or_default() += 1;
        }
        counts
    }

    /// The pages of each schema by kind; the schema of the engine's choice first, what lives
    /// outside schemas last.
    pub fn by_schema<'p>(&self, pages: &'p [Page]) -> Vec<Chapter<'p>> {
        let mut chapters: BTreeMap<&str, BTreeMap<(u8, Kind), Vec<&'p Page>>> = BTreeMap::new();
        for page in pages {
            let object = self.catalog.get(page.id);
            let kinds = chapters.entry(&object.name.schema).or_default();
            kinds.entry((rank(object.kind()), object.kind())).or_default().push(page);
        }
        let default = self.catalog.default_schema.as_str();
        let mut chapters: Vec<_> = chapters.into_iter().collect();
        chapters.sort_by_key(|(schema, _)| (schema.is_empty(), *schema != default, *schema));
        let chapter = |(schema, kinds): (&str, BTreeMap<(u8, Kind), Vec<&'p Page>>)| Chapter {
            schema: schema.to_owned(),
            kinds: kinds.into_iter().map(|((_, kind), pages)| (kind, pages)).collect(),
        };
        chapters.into_iter().map(chapter).collect()
    }

    pub fn name_of(&self, id: ObjectId) -> String {
        let object = self.catalog.get(id);
        let name = self.catalog.short(&object.name);
        match &object.signature {
            Some(signature) => format!("{name}({signature})"),
            None => name,
        }
    }

    pub fn link(&self, id: ObjectId) -> Cell {
        match self.has_page(id) {
            true => vec![Span::Link { to: id, text: self.name_of(id) }],
            false => text(self.name_of(id)),
        }
    }

    pub fn kind_and_link(&self, id: ObjectId) -> Cell {
        joined([text(self.catalog.get(id).kind().word()), self.link(id)], " ")
    }

    /// The name of a table or view, as a link where there is one of that name.
    pub fn named(&self, name: &Name) -> Cell {
        match self.links.relation(name) {
            Some(id) => self.link(id),
            None => text(self.catalog.short(name)),
        }
    }

    /// A column's type, as a link where somebody made it.
    pub fn type_of(&self, ty: &str) -> Cell {
        let bare = ty.trim_end_matches("[]").replace('"', "");
        match self.types.get(&bare) {
            Some(&id) if self.has_page(id) => vec![Span::Link { to: id, text: ty.to_owned() }],
            _ => code(ty),
        }
    }

    pub fn page(&self, id: ObjectId) -> Page {
        let object = self.catalog.get(id);
        let mut page = Page {
            id,
            kind: object.kind().word().to_owned(),
            title: self.name_of(id),
            comment: object.comment.clone(),
            warning: None,
            facts: Vec::new(),
            sections: Vec::new(),
            diagram: false,
            words: Vec::new(),
        };
        match &object.detail {
            Detail::Table(table) => describe::table_page(self, &mut page, table),
            Detail::View(view) => describe::view_page(self, &mut page, view),
            Detail::Routine(routine) => describe_other::routine_page(&mut page, routine),
            Detail::Sequence(sequence) => describe_other::sequence_page(self, &mut page, sequence),
            Detail::Type(ty) => describe_other::type_page(self, &mut page, ty),
            Detail::Extension { version } => self.extension_page(&mut page, version),
            Detail::Schema | Detail::Other { .. } => {}
        }
        self.finish(&mut page, object);
        page
    }

    fn extension_page(&self, page: &mut Page, version: &str) {
        page.facts.push(("Version".into(), text(version)));
        let name = &self.catalog.get(page.id).name.name;
        let members =
            self.catalog.objects.iter().filter(|object| object.extension.as_ref() == Some(name)).count();
        if members > 0 {
            page.facts.push(("Brings".into(), text(human::counted(members as u64, "objects"))));
        }
    }

    fn finish(&self, page: &mut Page, object: &Object) {
        let owner = object.owner.clone().unwrap_or_default();
        page.facts.push(("Owner".into(), text(owner)));
        let grants = object.grants.iter().map(|grant| text(format!("{} {}", grant.privilege, grant.grantee)));
        page.facts.push(("Rights".into(), joined(grants, ", ")));
        if !holds_secrets(object.kind()) {
            page.facts.push(("Attributes".into(), text(attributes(&object.attributes))));
        }
        page.facts.retain(|(_, value)| !value.is_empty());
        page.sections.extend(describe::dependencies(self, page.id).into_iter().flatten());
        if matches!(object.detail, Detail::Routine(_)) && object.definition.is_some() {
            // The definition has the source in it.
            page.sections.retain(|section| !matches!(section.body, Body::Code(_)));
        }
        page.sections.extend(definition(object, &page.sections));
    }
}

/// The order in which a reader looks for things.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Table => 0,
        Kind::View => 1,
        Kind::Routine => 2,
        Kind::Type => 3,
        _ => 4,
    }
}

/// Where passwords of other servers are kept: their options are not shown.
fn holds_secrets(kind: Kind) -> bool {
    matches!(kind, Kind::UserMapping | Kind::ForeignServer | Kind::Subscription)
}

/// The statement that makes the object, unless a section says the same already.
fn definition(object: &Object, sections: &[Section]) -> Option<Section> {
    let sql = object.definition.as_ref()?;
    let told = |section: &Section| match &section.body {
        Body::Code(code) => sql.contains(code.trim()),
        _ => false,
    };
    if sections.iter().any(told) {
        return None;
    }
    let said = sections.iter().any(|section| matches!(section.body, Body::Code(_)));
    let sql = match object.kind() {
        Kind::UserMapping => return None,
        kind if holds_secrets(kind) => mask(sql).into_owned(),
        _ => sql.clone(),
    };
    let folded = said || matches!(object.detail, Detail::Table(_));
    let body = if folded { Body::Folded(sql) } else { Body::Code(sql) };
    Some(Section { heading: "Definition", body })
}

/// `fillfactor = 70, without rowid`
pub fn attributes(attributes: &[Attribute]) -> String {
    let said: Vec<String> = attributes
        .iter()
        .map(|attribute| match attribute.value.is_empty() {
            true => attribute.name.clone(),
            false => format!("{} = {}", attribute.name, attribute.value),
        })
        .collect();
    said.join(", ")
}
