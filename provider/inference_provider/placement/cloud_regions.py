"""In which countries is a cloud's region? Names as nodes carry them in ``topology.kubernetes.io/region``.

Several clouds use one name for places in different countries: ``eu-west-1`` is Ireland with AWS, London with Alibaba.
Such a name has all of these countries, until somebody tells which it is (``shared_names``). What is not here is not
known, and so not allowed by any country or continent: say it among the cluster's own regions, or name the region.

Written down on 2026-11-22, from: botocore 1.44.5 (``endpoints.json``: AWS); oci 2.189.0 (``regions_definitions.py``:
Oracle's public, sovereign and Serbian realms) and Oracle's description of an instance's ``region``, which is iad for
Ashburn and phx for Phoenix, as OKE labels nodes; Alibaba's region list and its services' endpoints; the endpoints of
Huawei's services (CDM, SDRS, VAS, Workspace); CoreWeave's pages on regions; IBM's pages on the regions of Monitoring
and Code Engine. Azure, Google, Hetzner, Scaleway, DigitalOcean and Akamai are from their own lists of regions, but for
atl1, ric1 and Akamai's names that end in a number, which clients of their APIs have.

Left out: governments' clouds and those of one customer (Oracle's other realms), Alibaba's for finance, Huawei's regions
in Egypt and the European Union, and all of Nebius, OVHcloud and Tencent, whose lists were not at hand.
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
    "DE": "eu-central-1 eusc-de-east-1",
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
ALIBABA = {
    "AE": "me-east-1",
    "AU": "ap-southeast-2",
    "CN": "cn-beijing cn-chengdu cn-fuzhou cn-guangzhou cn-hangzhou cn-heyuan cn-huhehaote cn-nanjing cn-qingdao "
    "cn-shanghai cn-shenzhen cn-wulanchabu cn-zhangjiakou cn-zhengzhou-jva cn-zhongwei",
    "DE": "eu-central-1",
    "GB": "eu-west-1",
    "HK": "cn-hongkong",
    "ID": "ap-southeast-5",
    "IN": "ap-south-1",
    "JP": "ap-northeast-1",
    "KR": "ap-northeast-2",
    "MY": "ap-southeast-3",
    "PH": "ap-southeast-6",
    "SA": "me-central-1",
    "SG": "ap-southeast-1",
    "TH": "ap-southeast-7",
    "US": "us-east-1 us-west-1",
}
#: No page has both name and place of ap-southeast-4 (Jakarta), ap-southeast-5 (Manila) and me-east-1 (Riyadh): other
#: clouds have these names elsewhere, so all they do here is to take away.
HUAWEI = {
    "BR": "sa-brazil-1",
    "CL": "la-south-2",
    "CN": "cn-east-2 cn-east-3 cn-north-1 cn-north-4 cn-south-1",
    "HK": "ap-southeast-1",
    "ID": "ap-southeast-4",
    "MX": "la-north-2 na-mexico-1",
    "PH": "ap-southeast-5",
    "SA": "me-east-1",
    "SG": "ap-southeast-3",
    "TH": "ap-southeast-2",
    "TR": "tr-west-1",
    "ZA": "af-south-1",
}
COREWEAVE = {
    "CA": "CA-EAST-01",
    "DK": "EU-NORTH-05",
    "ES": "EU-SOUTH-01 EU-SOUTH-03 EU-SOUTH-04",
    "GB": "EU-WEST-01 EU-WEST-02",
    "NO": "EU-NORTH-02",
    "SE": "EU-NORTH-01 EU-NORTH-04",
    "US": "ATL2 ATL4 AUS1 DFW1 RDU1 RNO2 SBN1 US-CENTRAL-01 US-CENTRAL-02 US-CENTRAL-03 US-CENTRAL-04 US-CENTRAL-05 "
    "US-CENTRAL-06 US-CENTRAL-07 US-CENTRAL-08 US-EAST-01 US-EAST-02 US-EAST-03 US-EAST-04 US-EAST-05 US-EAST-06 "
    "US-EAST-07 US-EAST-08 US-EAST-09 US-EAST-10 US-EAST-11 US-EAST-13 US-EAST-14 US-WEST-01 US-WEST-04 US-WEST-09",
}
ORACLE = {
    "AE": "me-abudhabi-1 me-dubai-1",
    "AU": "ap-melbourne-1 ap-sydney-1",
    "BR": "sa-saopaulo-1 sa-vinhedo-1",
    "CA": "ca-montreal-1 ca-toronto-1",
    "CH": "eu-zurich-1",
    "CL": "sa-santiago-1 sa-valparaiso-1",
    "CO": "sa-bogota-1",
    "DE": "eu-frankfurt-1 eu-frankfurt-2",
    "ES": "eu-madrid-1 eu-madrid-2 eu-madrid-3",
    "FR": "eu-marseille-1 eu-paris-1",
    "GB": "uk-cardiff-1 uk-london-1",
    "ID": "ap-batam-1",
    "IL": "il-jerusalem-1",
    "IN": "ap-delhi-1 ap-hyderabad-1 ap-mumbai-1",
    "IT": "eu-milan-1 eu-turin-1",
    "JP": "ap-osaka-1 ap-tokyo-1",
    "KR": "ap-chuncheon-1 ap-seoul-1",
    "MA": "af-casablanca-1",
    "MX": "mx-monterrey-1 mx-queretaro-1",
    "MY": "ap-kulai-2",
    "NL": "eu-amsterdam-1",
    "RS": "eu-jovanovac-1",
    "SA": "me-jeddah-1 me-riyadh-1",
    "SE": "eu-stockholm-1",
    "SG": "ap-singapore-1 ap-singapore-2",
    "US": "iad phx us-ashburn-1 us-chicago-1 us-phoenix-1 us-saltlake-2 us-sanjose-1",
    "ZA": "af-johannesburg-1",
}
#: Hetzner, DigitalOcean, Scaleway, IBM and Akamai, whose `eu-west` is London.
OTHERS = {
    "AU": "ap-southeast au-mel au-syd syd1",
    "BR": "br-gru br-sao",
    "CA": "ca-central ca-mon ca-tor tor1",
    "DE": "de-fra-2 eu-central eu-de fra1 fsn1 nbg1",
    "ES": "es-mad eu-es",
    "FI": "hel1",
    "FR": "fr-par fr-par-2",
    "GB": "eu-gb eu-west gb-lon lon1",
    "ID": "id-cgk",
    "IN": "ap-west blr1 in-bom-2 in-che in-maa",
    "IT": "it-mil",
    "JP": "ap-northeast jp-osa jp-tok jp-tyo-3",
    "NL": "ams3 nl-ams",
    "PL": "pl-waw",
    "SE": "se-sto",
    "SG": "ap-south sg-sin-2 sgp1 sin",
    "US": "ash atl1 hil nyc1 nyc2 nyc3 ric1 sfo2 sfo3 us-central us-east us-iad us-iad-2 us-lax us-mia us-ord us-sea "
    "us-south us-southeast us-west",
}
CLOUDS = (ALIBABA, AWS, AZURE, COREWEAVE, GOOGLE, HUAWEI, ORACLE, OTHERS)
_GOVERNMENTS = (
    "us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 "
    "us-isof-south-1 eu-isoe-west-1 usdodcentral usdodeast usgovarizona usgoviowa usgovtexas usgovvirginia "
    "us-langley-1 us-luke-1 us-gov-ashburn-1 us-gov-chicago-1 us-gov-phoenix-1 uk-gov-cardiff-1 uk-gov-london-1"
)
#: Clouds of their own, with laws of their own, though they lie in a country: only their own names allow them.
APART = frozenset(_GOVERNMENTS.split())


def _countries() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for cloud in CLOUDS:
        for code, regions in cloud.items():
            for region in regions.split():
                found.setdefault(region, set()).add(code)
    return {region: frozenset(codes) for region, codes in found.items()}


#: Every country that some cloud has a region of this name in.
REGIONS: Mapping[str, frozenset[str]] = _countries()
