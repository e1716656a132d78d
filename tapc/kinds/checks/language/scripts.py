"""Writing systems, and how much of a text is in one."""

from functools import cache

import regex

_LETTERS = regex.compile(r"[\p{L}\p{M}]+")

_PROPERTIES = {
    "Hans": r"\p{Han}",
    "Hant": r"\p{Han}",
    "Jpan": r"\p{Han}\p{Hiragana}\p{Katakana}ー",
    "Kore": r"\p{Hangul}",
    "Hira": r"\p{Hiragana}",
}
"""Where a script of BCP-47 is more, or less, than one of Unicode."""

_NAMES = {
    "Hans": "Han",
    "Hant": "Han",
    "Jpan": "Japanese",
    "Kore": "Korean",
    "Latn": "Latin",
    "Cyrl": "Cyrillic",
    "Arab": "Arabic",
    "Deva": "Devanagari",
}

_DENSE = regex.compile(r"[\p{Han}]+|[\p{Hiragana}\p{Katakana}\p{Hangul}]+")

_SIMPLIFIED = frozenset(
    "这个们为国来时说会学对发经现动过还种实业电开关长进问见应变点间给让从东车书语华乡亲产义习乐买乱争亏云亚"
    "亿仅仓仪价众优伙伟传伤伦伪体余侠侣侦侧俩债倾偿儿兑兰兴养兽内冈册军农冯冲决况冻净凉减凑凤凭凯击凿划刘则刚创"
    "删别刹剂剑剧劝办务劳势勋匀区医单卖卢卫却厂厅历厉压厌县叁参双叠叶号叹吓吕吗吨听启吴呐呕员呛呜咏咙咸响哑"
    "哗唤啰啸喷嘱团园围图圆圣场坏块坚坛坝坞坟坠垄垒垦垫埘堑墙壮声壳壶处备复够头夹夺奋奖奥妆妇妈妩娇娱娄婴孙"
    "宁宝审宪宫宽宾寝寻导寿将尔尘尝尧层届属岁岂岗岛岭峡币帅师帐帘帜带帮库庆庐废庙庞异弃张弥弯弹强归当录彻"
    "径忆忧怀态怂怜总恋恒恳恶恼悬惊惧惨惩惫惭惯愤愿慑懒戏战户扑执扩扫扬扰抚抛抢护报担拟拢拣拥拦拧拨择挂挚挠挡挣挤"
    "挥捞损捡换据掳掷掸掺揽搀搁搂搅携摄摆摇摊撑撵敌敛数斋斗斩断无旧旷昆昼显晋晒晓晕暂术机杀杂权条杨极构枢枣枪枫柜"
    "标栈栋栏树样档桥桨桩梦检楼榄横樱橱欢欧歼残殴毁毕毙毡气氢汇汉汤沟没沦沧沪泪泼泽洁洒浅浆浇浊测济浑浓涛涝涡涣润涨"
    "渊渐渔渗温湾湿溃滚满滤滥滨滩潜澜灭灯灵灾炉炼烁烂烛烟烦烧烫热焕爱爷牵牺状犹独狭狮狱猎猪献玛环玺珑琐琼瓮疗疟疮疯痒"
    "痴瘫瘾皱盏盐监盖盗盘眯着睁矫矿码砖砚础硕确碍礼祸禅离秃秆积称稳穷窃窍窑窜窝窥竖竞笔笋笺筑筛筹签简篮粮紧纠红纤约级"
    "纪纬纯纱纲纳纵纷纸纹纺线练组细织终绍绑绕绘络绝绞统绢绣继绩绪续绳维绵综绿缓编缘缚缝缠缩缴网罗罚罢羡翘耸耻聂聋职联"
    "聪肃肠肤肾肿胀胁胆胜胶脉脏脑脚脱脸腊腻腾舰舱艰艳艺节芦苏苹范茎荐荡荣药莱莲获莹营萧萨葱蒋蓝蔷虏虑虚虫虽虾蚀蚁蚂蛮"
    "蜡蝇补衬袄袜袭装裤见观规视觉览触誉计订认讨训议讯记讲许论设访证评识诉词译试诗诚话诞询该详误请诸诺读课谁调谈谋谓谢谣"
    "谦谨谱贝负贡财责贤败货质贩贪贫购贮贯贱贴贵贷贸费贺贼资赋赌赏赐赔赖赚赛赞赠赢赵赶趋跃践踪轨轩转轮软轰轻载轿较辅辆"
    "辈辉输辖辩辫边辽达迁迈运近返还这远违连迟适选逊递逻遗邓邮邻郑酱酿释里鉴针钉钓钙钝钞钟钠钢钥钦钩钱钻铁铃铅铜铝铭银铸"
    "铺链销锁锄锅锈锋锐错锡锣锤锦键锯锻镇镜镰门闪闭闯闲闷闸闹闻阀阁阅阔队阳阴阵阶际陆陈陕险随隐隶难雾静韩页顶项顺须顽顾"
    "顿预领颈频颗题颜额风飘飞饥饭饮饰饱饲饶饺饼饿馆馒马驰驱驳驴驶驻驼驾骂骄骆骇验骑骗骡骤鱼鲁鲜鸟鸡鸣鸭鸽鸿鹅鹊鹤鹰麦黄齐齿龄龙龟"
)
"""Characters of the simplified standard that the traditional one writes otherwise; the frequent ones."""

_TRADITIONAL = frozenset(
    "這個們為國來時說會學對發經現動過還種實業電開關長進問見應變點間給讓從東車書語華鄉親產義習樂買亂爭虧雲亞億僅倉儀價眾"
    "優夥偉傳傷倫偽體餘俠侶偵側倆債傾償兒兌蘭興養獸內岡冊軍農馮衝決況凍淨涼減湊鳳憑凱擊鑿劃劉則剛創刪別剎劑劍劇勸辦務勞"
    "勢勳勻區醫單賣盧衛卻廠廳歷厲壓厭縣參雙疊葉號嘆嚇呂嗎噸聽啟吳嘔員嗆嗚詠嚨鹹響啞嘩喚囉嘯噴囑團園圍圖圓聖場壞塊堅壇壩"
    "塢墳墜壟壘墾墊塹牆壯聲殼壺處備復夠頭夾奪奮獎奧妝婦媽嬌娛婁嬰孫寧寶審憲宮寬賓寢尋導壽將爾塵嘗堯層屆屬歲豈崗島嶺峽幣帥師"
    "帳簾幟帶幫庫慶廬廢廟龐異棄張彌彎彈強歸當錄徹徑憶憂懷態慫憐總戀恆懇惡惱懸驚懼慘懲憊慚慣憤願懾懶戲戰戶撲執擴掃揚擾撫拋"
    "搶護報擔擬攏揀擁攔擰撥擇掛摯撓擋掙擠揮撈損撿換據擄擲撣摻攬攙擱摟攪攜攝擺搖攤撐攆敵斂數齋鬥斬斷無舊曠晝顯晉曬曉暈暫術"
    "機殺雜權條楊極構樞棗槍楓櫃標棧棟欄樹樣檔橋槳樁夢檢樓欖橫櫻櫥歡歐殲殘毆毀畢斃氈氣氫匯漢湯溝沒淪滄滬淚潑澤潔灑淺漿澆濁測"
    "濟渾濃濤澇渦渙潤漲淵漸漁滲溫灣濕潰滾滿濾濫濱灘潛瀾滅燈靈災爐煉爍爛燭煙煩燒燙熱煥愛爺牽犧狀猶獨狹獅獄獵豬獻瑪環璽瓏瑣瓊"
    "療瘧瘡瘋癢癡癱癮皺盞鹽監蓋盜盤矯礦碼磚硯礎碩確礙禮禍禪離禿稈積稱穩窮竊竅窯竄窩窺豎競筆筍箋築篩籌簽簡籃糧緊糾紅纖約級紀緯"
    "純紗綱納縱紛紙紋紡線練組細織終紹綁繞繪絡絕絞統絹繡繼績緒續繩維綿綜綠緩編緣縛縫纏縮繳網羅罰罷羨翹聳恥聾職聯聰肅腸膚腎腫脹"
    "脅膽勝膠脈臟腦腳脫臉臘膩騰艦艙艱艷藝節蘆蘇蘋範莖薦蕩榮藥萊蓮獲瑩營蕭薩蔥蔣藍薔虜慮虛蟲雖蝦蝕蟻螞蠻蠟蠅補襯襖襪襲裝褲觀規視覺"
    "覽觸譽計訂認討訓議訊記講許論設訪證評識訴詞譯試詩誠話誕詢該詳誤請諸諾讀課誰調談謀謂謝謠謙謹譜貝負貢財責賢敗貨質販貪貧購貯貫賤"
    "貼貴貸貿費賀賊資賦賭賞賜賠賴賺賽贊贈贏趙趕趨躍踐蹤軌軒轉輪軟轟輕載轎較輔輛輩輝輸轄辯辮邊遼達遷邁運遠違連遲適選遜遞邏遺鄧郵鄰"
    "鄭醬釀釋裡鑑針釘釣鈣鈍鈔鐘鈉鋼鑰欽鉤錢鑽鐵鈴鉛銅鋁銘銀鑄鋪鏈銷鎖鋤鍋鏽鋒銳錯錫鑼錘錦鍵鋸鍛鎮鏡鐮門閃閉闖閒悶閘鬧聞閥閣閱闊隊陽"
    "陰陣階際陸陳陝險隨隱隸難霧靜韓頁頂項順須頑顧頓預領頸頻顆題顏額風飄飛飢飯飲飾飽飼饒餃餅餓館饅馬馳驅駁驢駛駐駝駕罵驕駱駭驗騎騙"
    "騾驟魚魯鮮鳥雞鳴鴨鴿鴻鵝鵲鶴鷹麥黃齊齒齡龍龜"
)
"""Their counterparts."""

_ONLY_SIMPLIFIED = _SIMPLIFIED - _TRADITIONAL
_ONLY_TRADITIONAL = _TRADITIONAL - _SIMPLIFIED
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")


class Script:
    """One writing system.

    Attributes:
        name: for people.
    """

    def __init__(self, code: str) -> None:
        self.name = _NAMES.get(code, code)
        self._code = code
        inside = _PROPERTIES.get(code, rf"\p{{{code}}}")
        try:
            self._own = regex.compile(rf"[{inside}]+")
        except regex.error:  # a script Unicode has no letters of: nothing can be said
            self._own = _LETTERS

    def weigh(self, text: str) -> tuple[int, int]:
        """Letters of this script, and of all; a Han letter weighs three, a kana or Hangul two, since they say more."""
        if text.isascii():
            total = sum(map(len, _LETTERS.findall(text)))
            return (total if self._code == "Latn" else 0), total
        return _weight("".join(self._own.findall(text))), _weight("".join(_LETTERS.findall(text)))

    def contradiction(self, text: str) -> str | None:
        """What the letters say that their script does not: kana in Chinese, none in Japanese, the other standard."""
        if self._code == "Jpan":
            han = len(_HAN.findall(text))
            return "no kana, so it is not Japanese" if han >= _SURE_HAN and not _KANA.search(text) else None
        if self._code not in ("Hans", "Hant"):
            return None
        kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
        if kana * _KANA_SHARE > han:
            return "kana between the Han letters: it is Japanese"
        simplified = sum(letter in _ONLY_SIMPLIFIED for letter in text)
        traditional = sum(letter in _ONLY_TRADITIONAL for letter in text)
        own, other = (simplified, traditional) if self._code == "Hans" else (traditional, simplified)
        if other > own:
            wanted, found = ("simplified", "traditional") if self._code == "Hans" else ("traditional", "simplified")
            return f"{other} letters are {found} and {own} {wanted}"
        return None


_FIRST_DENSE = "\u1100"
"""No letter that weighs more than one comes before Hangul."""

_SURE_HAN = 6
"""Han letters of Japanese prose that are never without kana; shorter texts may be a single term."""

_KANA_SHARE = 10
"""Chinese prose may quote Japanese: one kana in ten Han letters."""


def _weight(letters: str) -> int:
    total = len(letters)
    if not letters or max(letters) < _FIRST_DENSE:
        return total
    for run in _DENSE.findall(letters):
        total += len(run) * (2 if _HAN.match(run) else 1)
    return total


@cache
def script_of(code: str) -> Script:
    """Look a script of ISO 15924 up."""
    return Script(code)
