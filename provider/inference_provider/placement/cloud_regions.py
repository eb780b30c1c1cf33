"""Which country is a cloud's region in? Names as nodes carry them in ``topology.kubernetes.io/region``.

From the clouds' own lists of regions, written down on 2026-11-22. What is not here is not known, and so not allowed by
any country or continent: say it among the cluster's own regions, or name the region itself. A name that two clouds use
stands for the same country with both, which a test holds it to.
"""

from collections.abc import Mapping

AWS = {
    "AE": "me-central-1",
    "AU": "ap-southeast-2 ap-southeast-4",
    "BH": "me-south-1",
    "BR": "sa-east-1",
    "CA": "ca-central-1 ca-west-1",
    "CH": "eu-central-2",
    "CN": "cn-north-1 cn-northwest-1",
    "DE": "eu-central-1",
    "ES": "eu-south-2",
    "FR": "eu-west-3",
    "GB": "eu-west-2",
    "HK": "ap-east-1",
    "ID": "ap-southeast-3",
    "IE": "eu-west-1",
    "IL": "il-central-1",
    "IN": "ap-south-1 ap-south-2",
    "IT": "eu-south-1",
    "JP": "ap-northeast-1 ap-northeast-3",
    "KR": "ap-northeast-2",
    "MX": "mx-central-1",
    "MY": "ap-southeast-5",
    "NZ": "ap-southeast-6",
    "SE": "eu-north-1",
    "SG": "ap-southeast-1",
    "TH": "ap-southeast-7",
    "TW": "ap-east-2",
    "US": "us-east-1 us-east-2 us-west-1 us-west-2",
    "ZA": "af-south-1",
}
AZURE = {
    "AE": "uaecentral uaenorth",
    "AT": "austriaeast",
    "AU": "australiacentral australiacentral2 australiaeast australiasoutheast",
    "BE": "belgiumcentral",
    "BR": "brazilsouth brazilsoutheast",
    "CA": "canadacentral canadaeast",
    "CH": "switzerlandnorth switzerlandwest",
    "CL": "chilecentral",
    "CN": "chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3",
    "DE": "germanynorth germanywestcentral",
    "DK": "denmarkeast",
    "ES": "spaincentral",
    "FR": "francecentral francesouth",
    "GB": "uksouth ukwest",
    "HK": "eastasia",
    "ID": "indonesiacentral",
    "IE": "northeurope",
    "IL": "israelcentral",
    "IN": "centralindia jioindiacentral jioindiawest southindia westindia",
    "IT": "italynorth",
    "JP": "japaneast japanwest",
    "KR": "koreacentral koreasouth",
    "MX": "mexicocentral",
    "MY": "malaysiawest",
    "NL": "westeurope",
    "NO": "norwayeast norwaywest",
    "NZ": "newzealandnorth",
    "PL": "polandcentral",
    "QA": "qatarcentral",
    "SE": "swedencentral swedensouth",
    "SG": "southeastasia",
    "US": "centralus eastus eastus2 northcentralus southcentralus westcentralus westus westus2 westus3",
    "ZA": "southafricanorth southafricawest",
}
GOOGLE = {
    "AU": "australia-southeast1 australia-southeast2",
    "BE": "europe-west1",
    "BR": "southamerica-east1",
    "CA": "northamerica-northeast1 northamerica-northeast2",
    "CH": "europe-west6",
    "CL": "southamerica-west1",
    "DE": "europe-west10 europe-west3",
    "ES": "europe-southwest1",
    "FI": "europe-north1",
    "FR": "europe-west9",
    "GB": "europe-west2",
    "HK": "asia-east2",
    "ID": "asia-southeast2",
    "IL": "me-west1",
    "IN": "asia-south1 asia-south2",
    "IT": "europe-west12 europe-west8",
    "JP": "asia-northeast1 asia-northeast2",
    "KR": "asia-northeast3",
    "MX": "northamerica-south1",
    "NL": "europe-west4",
    "PL": "europe-central2",
    "QA": "me-central1",
    "SA": "me-central2",
    "SE": "europe-north2",
    "SG": "asia-southeast1",
    "TW": "asia-east1",
    "US": "us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4",
    "ZA": "africa-south1",
}
ORACLE = {
    "AE": "me-abudhabi-1 me-dubai-1",
    "AU": "ap-melbourne-1 ap-sydney-1",
    "BR": "sa-saopaulo-1 sa-vinhedo-1",
    "CA": "ca-montreal-1 ca-toronto-1",
    "CH": "eu-zurich-1",
    "CL": "sa-santiago-1 sa-valparaiso-1",
    "CO": "sa-bogota-1",
    "DE": "eu-frankfurt-1",
    "ES": "eu-madrid-1",
    "FR": "eu-marseille-1 eu-paris-1",
    "GB": "uk-cardiff-1 uk-london-1",
    "IL": "il-jerusalem-1",
    "IN": "ap-hyderabad-1 ap-mumbai-1",
    "IT": "eu-milan-1",
    "JP": "ap-osaka-1 ap-tokyo-1",
    "KR": "ap-chuncheon-1 ap-seoul-1",
    "MX": "mx-monterrey-1 mx-queretaro-1",
    "NL": "eu-amsterdam-1",
    "RS": "eu-jovanovac-1",
    "SA": "me-jeddah-1 me-riyadh-1",
    "SE": "eu-stockholm-1",
    "SG": "ap-singapore-1 ap-singapore-2",
    "US": "us-ashburn-1 us-chicago-1 us-phoenix-1 us-sanjose-1",
    "ZA": "af-johannesburg-1",
}
#: Hetzner, DigitalOcean, Scaleway, IBM and Akamai, whose `eu-west` is London.
OTHERS = {
    "AU": "au-syd ap-southeast syd1",
    "BR": "br-gru br-sao",
    "CA": "ca-central ca-tor tor1",
    "DE": "eu-central eu-de fra1 fsn1 nbg1",
    "ES": "es-mad eu-es",
    "FI": "hel1",
    "FR": "fr-par",
    "GB": "eu-gb eu-west gb-lon lon1",
    "ID": "id-cgk",
    "IN": "ap-west blr1 in-maa",
    "IT": "it-mil",
    "JP": "ap-northeast jp-osa jp-tok",
    "NL": "ams3 nl-ams",
    "PL": "pl-waw",
    "SE": "se-sto",
    "SG": "ap-south sgp1 sin",
    "US": "ash hil nyc1 nyc2 nyc3 sfo2 sfo3 us-central us-east us-iad us-lax us-mia us-ord us-sea us-south "
    "us-southeast us-west",
}
CLOUDS = (AWS, AZURE, GOOGLE, ORACLE, OTHERS)
_GOVERNMENTS = (
    "us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isof-east-1 us-isof-south-1 "
    "eusc-de-east-1 usdodcentral usdodeast usgovarizona usgoviowa usgovtexas usgovvirginia "
    "us-langley-1 us-luke-1 us-gov-ashburn-1 us-gov-chicago-1 us-gov-phoenix-1 uk-gov-cardiff-1 uk-gov-london-1"
)
#: Clouds of their own, with laws of their own, though they lie in a country: only their own names allow them.
APART = frozenset(_GOVERNMENTS.split())
REGIONS: Mapping[str, str] = {
    region: code for cloud in CLOUDS for code, regions in cloud.items() for region in regions.split()
}
