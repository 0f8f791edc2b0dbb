"""Traditional characters brought back to the simplified ones that stand on the paper.

The engine knows both, and now and then takes a 单 for a 單, which no office here prints. Of each that is turned there
is one simplified form; they are those that the words of schools and villages are made of. Any other stays as it is.
"""

from __future__ import annotations

from typing import Final

_TRADITIONAL: Final = (
    "單會學國區鎮長門開關動場廳樓號務業園圖書讀講課話語說論記計訓設評詩誦護環歡樂藝團員婦聯衛廣電腦網線紅織組經結統綜"
    "級練養醫藥鄉縣東車館馬軍運進達遠連過還這邊選適遊劇劃創勞勝參雙發變報堅夢奮孫實審寫對導師帶幹幾庫應張強彈從愛慶憶"
    "懷戰戲戶掃採換損擇據擴攝敵數齊時曉曆條來楊榮構標樣橋機檢權歷歲殘殺氣決沒沖況淚測溫滿漢潔灣為無煙熱營爭獎獨現產畫"
    "當療盡監盤眾確禮種穩競筆節範築簡類糧紀約純納紙細終給綠維編緊總績續聖聞聲職聽腳與興舉舊華萬葉蓋蘇蘭處蟲術補裝製親"
    "觀覽觸訂許證識譜議財貢費資賓賞質購贈趙跡輔輕輛辦農鄧鄭醬釋鐘針銀鋼錄錢鏡間陽階隊際隨險難雞離靈靜頁項順預領頭題願"
    "顧風飛飯飲驗體鬧魚鮮鳥麗點黨龍齡"
)
_SIMPLIFIED: Final = (
    "单会学国区镇长门开关动场厅楼号务业园图书读讲课话语说论记计训设评诗诵护环欢乐艺团员妇联卫广电脑网线红织组经结统综"
    "级练养医药乡县东车馆马军运进达远连过还这边选适游剧划创劳胜参双发变报坚梦奋孙实审写对导师带干几库应张强弹从爱庆忆"
    "怀战戏户扫采换损择据扩摄敌数齐时晓历条来杨荣构标样桥机检权历岁残杀气决没冲况泪测温满汉洁湾为无烟热营争奖独现产画"
    "当疗尽监盘众确礼种稳竞笔节范筑简类粮纪约纯纳纸细终给绿维编紧总绩续圣闻声职听脚与兴举旧华万叶盖苏兰处虫术补装制亲"
    "观览触订许证识谱议财贡费资宾赏质购赠赵迹辅轻辆办农邓郑酱释钟针银钢录钱镜间阳阶队际随险难鸡离灵静页项顺预领头题愿"
    "顾风飞饭饮验体闹鱼鲜鸟丽点党龙龄"
)
_TABLE: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    return text.translate(_TABLE)
