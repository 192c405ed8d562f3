//! A declaration has nothing to record.

trait Tool {
    #[rollout::tool]
    fn call(&self, city: &str) -> String;

    #[rollout::tool]
    async fn call_later(&self, city: &str) -> String;
}

struct Weather;

impl Tool for Weather {
    fn call(&self, city: &str) -> String {
        city.into()
    }

    async fn call_later(&self, city: &str) -> String {
        self.call(city)
    }
}

fn main() {
    Weather.call("Paris");
}
