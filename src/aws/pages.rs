//! Lists of several pages.

/// The token of the next page. An empty page with a token is legal: only a missing token ends a list (Organizations API reference,
/// ListAccounts).
pub fn following(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

/// Reads every page of a list, of Organizations unless another service is named.
macro_rules! every_page {
    ($aws:expr, $operation:literal, $request:expr, $items:ident) => {
        every_page!($aws, "organizations", $operation, $request, $items)
    };
    ($aws:expr, $service:literal, $operation:literal, $request:expr, $items:ident) => {{
        let mut items = Vec::new();
        let mut token: Option<String> = None;
        loop {
            $aws.pace.wait($operation).await;
            let page = $request.set_next_token(token).send().await;
            let page = page.map_err(|error| translate(concat!($service, ":", $operation), &error))?;
            items.extend($crate::aws::pages::IntoPages::into_pages(page.$items));
            token = $crate::aws::pages::following(page.next_token);
            if token.is_none() {
                break items;
            }
        }
    }};
}

pub(super) use every_page;

/// The items of a page: SDKs have a list, or none where AWS left it out.
pub trait IntoPages<T> {
    fn into_pages(self) -> Vec<T>;
}

impl<T> IntoPages<T> for Option<Vec<T>> {
    fn into_pages(self) -> Vec<T> {
        self.unwrap_or_default()
    }
}

impl<T> IntoPages<T> for Vec<T> {
    fn into_pages(self) -> Self {
        self
    }
}
